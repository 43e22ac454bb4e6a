/** `keywright audit`: what a customer does with a copy of their audit log, offline. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { folderReader } from 'keywright-verify/folder';
import { verifyLog } from 'keywright-verify/log';
import { Refusal } from 'keywright-verify/note';
import { CHECKPOINT_BYTES_MAX, readEntries } from 'keywright-verify/reader';
import { FileRefused, readFileWithin } from 'safe-files/read-file';
import { printableJson } from '../output/printable-json';
import { printable } from '../output/printable-text';
import { keyFor, logsIn, type NamedLog, readKeys, UsageError } from './logs';
import { proveEntry } from './prove-entry';
import { type LogReport, toLines, toTable } from './report';

const KEY_OPTION = [
  '--public-key <key>',
  'the public key of the log, `name+keyid+key`, or a file with one such line for each log',
] as const;

export function auditCommand(): Command {
  const audit = new Command('audit').description('verify and read audit logs offline');

  audit
    .command('verify <folder>')
    .description('check every entry, tile and signature of a log, or of every log in a folder')
    .requiredOption(...KEY_OPTION)
    .option('--saved <file...>', 'checkpoints of this log saved earlier: the log must still contain each')
    .option('--json', 'print the reports as JSON')
    .addHelpText('after', '\nExample:\n  $ keywright audit verify ./acme --public-key acme.pub --saved last-month\n')
    .action(usage(verify));

  audit
    .command('prove <folder>')
    .description('print an inclusion proof for an entry as JSON')
    .requiredOption(...KEY_OPTION)
    .requiredOption('--index <number>', 'the index of the entry, from 0', Number)
    .action(usage(prove));

  audit
    .command('export <folder>')
    .description('verify a log and print its entries as JSON lines')
    .requiredOption(...KEY_OPTION)
    .action(usage(exportEntries));

  return audit;
}

interface Options {
  readonly publicKey: string;
  readonly saved?: readonly string[];
  readonly json?: boolean;
  readonly index: number;
}

/** Exit code 1: something is wrong with a log. */
async function verify(folder: string, options: Options): Promise<void> {
  const saved = (options.saved ?? []).map((file) => readFileWithin(file, CHECKPOINT_BYTES_MAX));
  const reports: LogReport[] = [];
  for (const log of logsIn(folder, readKeys(options.publicKey))) reports.push(await reportOn(log, saved));

  const text = options.json
    ? printableJson(`${JSON.stringify(reports, null, 2)}\n`)
    : toTable(reports) + toLines(reports);
  process.stdout.write(text);
  if (reports.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function reportOn(named: NamedLog, saved: readonly Uint8Array[]): Promise<LogReport> {
  const { folder } = named;
  const wrong = (code: string, message: string) => ({ log: folder, ok: false, findings: [{ code, message }] });
  if ('fault' in named) return wrong('unexpected-folder', named.fault);
  const { key } = named;
  if (!existsSync(folder)) {
    return { ...wrong('log-missing', `There is a public key of ${key.name}, and no log.`), origin: key.name };
  }
  return { log: folder, ...(await verifyLog(folderReader(folder), key, { saved })) };
}

async function prove(folder: string, options: Options): Promise<void> {
  const key = keyFor(folder, readKeys(options.publicKey));
  const proof = await proveEntry(folderReader(folder), key, options.index);
  process.stdout.write(printableJson(`${JSON.stringify(proof, null, 2)}\n`));
}

async function exportEntries(folder: string, options: Options): Promise<void> {
  const key = keyFor(folder, readKeys(options.publicKey));
  const reader = folderReader(folder);
  const report = await verifyLog(reader, key);
  if (!report.ok || report.size === undefined) {
    process.stderr.write(toLines([{ log: folder, ...report }]));
    process.exitCode = 1;
    return;
  }
  // Into a file or a pipe go the bytes that were signed; a terminal would obey some of them.
  const shown = process.stdout.isTTY ? printableJson : (text: string) => text;
  for await (const entry of readEntries(reader, report.size)) {
    await written(shown(`${Buffer.from(entry).toString('utf8')}\n`));
  }
}

/** Waits for a slow reader of our output instead of holding the whole log in memory. */
async function written(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}

/** Turns what the person got wrong into one line and exit code 2. */
function usage(run: (folder: string, options: Options) => Promise<void>) {
  return async (folder: string, options: Options): Promise<void> => {
    try {
      await run(folder, options);
    } catch (error) {
      if (!isExplained(error)) throw error;
      process.stderr.write(`${printable(error.message)}\n`);
      process.exitCode = 2;
    }
  };
}

/** Mistakes of a person, in sentences for one. What the machine refuses is told for every command alike. */
const isExplained = (error: unknown): error is Error =>
  [UsageError, Refusal, FileRefused].some((kind) => error instanceof kind);
