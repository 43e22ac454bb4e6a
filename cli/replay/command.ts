/** `keywright replay`: CloudTrail log files in, verifiable audit streams out. */
import { join } from 'node:path';
import { Command } from 'commander';
import { FolderInUse, type TakenFolder, takeFolder } from 'safe-files/folder-lock';
import { FileRefused } from 'safe-files/read-file';
import { ownerAccountIsCustomer } from '../../shared/domain/audit/whose-record';
import { customerIndex } from '../../shared/domain/customers/customer-index';
import { KeywrightError } from '../../shared/domain/errors';
import { machineFault } from '../output/machine-fault';
import { printableJson } from '../output/printable-json';
import { printable } from '../output/printable-text';
import { type Progress, progress } from '../output/progress';
import { folderOf, readCustomers } from './customers';
import { findInputs, type Inputs } from './inputs';
import { LEFT_OUT, type LeftOutKind } from './left-out';
import { writeIfChanged } from './output-files';
import { replay } from './replay';
import { describe } from './report';
import { seenIds } from './seen-ids';
import { defaultKeyFile, signerOf } from './signing-key';
import { streamsIn } from './streams';
import type { ReplaySummary } from './summary';

interface Options {
  readonly customers?: string;
  readonly out: string;
  readonly signingKey?: string;
  readonly json?: boolean;
}

const USAGE_ERROR = 2;

const HELP = `
FILE and DIR hold CloudTrail logs as AWS writes them (.json, .json.gz), JSON
lines, or EventBridge events; \`-\` reads standard input. Folders are read with
everything below them.

customers.json says whose record is whose: by key, then by encryption context,
then by the account that owns the key.
  {"customers": [{"customerId": "acme", "kmsKeys": ["arn:aws:kms:…:key/…"],
                  "accounts": ["111122223333"],
                  "encryptionContext": {"keywright:customerId": "acme"}}]}
Without it, the account that owns a key is the customer.

Exit code: 0 all was read, 1 something was rejected (what is sound is kept),
           2 the command was not understood.

Examples:
  $ keywright replay ./logs --customers customers.json --out ./streams
  $ aws s3 cp s3://trail/1124.json.gz - | keywright replay - --out ./streams
  $ keywright audit verify ./streams --public-key ./streams/public-keys
`;

export function replayCommand(): Command {
  return new Command('replay')
    .description("write each customer's audit stream from CloudTrail log files")
    .argument('<file|dir|-...>', 'the inputs, read in this order')
    .option('--customers <file>', 'the customers (JSON); default: one for each account that owns keys')
    .requiredOption('--out <dir>', 'the folder for streams and summary.json; existing streams are continued')
    .option('--signing-key <file>', 'Ed25519 key (PEM) that signs the streams; created if missing (default: in --out)')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', HELP)
    .exitOverride()
    .action((paths: string[], options: Options, command: Command) => run(paths, options, command));
}

async function run(paths: readonly string[], options: Options, command: Command): Promise<void> {
  const given = await usable(command, () => ({
    customers: options.customers === undefined ? undefined : withFolders(readCustomers(options.customers)),
    inputs: findInputs(paths, options.out),
  }));
  const taken = await usable(command, () => takeFolder(options.out));
  try {
    await replayInto(given, taken, options, command);
  } finally {
    taken.giveBack();
  }
}

interface Given {
  readonly customers: ReturnType<typeof readCustomers> | undefined;
  readonly inputs: Inputs;
}

/** The output folder is this process's alone. */
async function replayInto(
  { customers, inputs }: Given,
  { isStillOurs }: TakenFolder,
  options: Options,
  command: Command,
): Promise<void> {
  const signer = await usable(command, () => signerOf(options.signingKey ?? defaultKeyFile(options.out)));
  const bar = progressOver(inputs);
  const seen = seenIds();
  try {
    const summary = await replay(inputs, customers?.map(({ customerId }) => customerId) ?? [], {
      index: customers ? customerIndex(customers) : ownerAccountIsCustomer,
      streams: streamsIn(options.out, signer, seen, isStillOurs),
      seen,
      onProgress: {
        file: bar.label,
        read: bar.advance,
        skipped: (file, kind) => bar.line(skippedLine(file, kind)),
      },
    });
    bar.stop();
    report(summary, options);
  } catch (error) {
    bar.stop();
    refuse(command, error);
    throw error;
  }
}

/** A stream that is another's or damaged, or a disk that does not take more: explained, and safe to try again. */
function refuse(command: Command, error: unknown): void {
  if (error instanceof FileRefused) command.error(`error: ${printable(error.message)}`, { exitCode: USAGE_ERROR });
  if (error instanceof KeywrightError) {
    command.error(`error: ${printable(error.message)}`, { exitCode: error.code === 'input.invalid' ? USAGE_ERROR : 1 });
  }
  const fault = machineFault(error);
  if (fault !== undefined) {
    command.error(`error: ${printable(fault)}\nWhat was signed before is untouched: run the same command again.`, {
      exitCode: 1,
    });
  }
}

function report(summary: ReplaySummary, options: Options): void {
  const json = printableJson(`${JSON.stringify(summary, null, 2)}\n`);
  writeIfChanged(join(options.out, 'summary.json'), json);
  process.stdout.write(options.json ? json : describe(summary, options.out));
  process.exitCode = summary.rejected.length > 0 ? 1 : 0;
}

function progressOver({ inputs, skipped }: Inputs): Progress {
  const bar = progress(inputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  for (const { file, kind } of skipped) bar.line(skippedLine(file, kind));
  return bar;
}

const skippedLine = (file: string, kind: LeftOutKind) => `skipped ${file}: ${LEFT_OUT[kind].reason}`;

/** Refuses ids that cannot be folders before anything is written. */
function withFolders(customers: ReturnType<typeof readCustomers>): ReturnType<typeof readCustomers> {
  for (const { customerId } of customers) folderOf(customerId);
  return customers;
}

/** What the person gave: errors in it are explained and end the command with code 2. */
async function usable<Value>(command: Command, read: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (isAboutInput(error))
      command.error(`error: ${printable(machineFault(error) ?? error.message)}`, { exitCode: USAGE_ERROR });
    throw error;
  }
}

/** A file that is not there or may not be read, one that is no JSON, or one that does not say what it should. */
function isAboutInput(error: unknown): error is Error {
  const { name, syscall } = Object(error) as NodeJS.ErrnoException;
  return (
    error instanceof FolderInUse ||
    error instanceof FileRefused ||
    syscall !== undefined ||
    ['ContractViolation', 'KeywrightError', 'SyntaxError'].includes(name)
  );
}
