/** `keywright audit verify`: is a log sound, or every log of a folder? */
import { Command } from 'commander';
import { ageOf } from 'keywright-verify/command';
import { type VerifyOptions, verifyLog } from 'keywright-verify/log';
import { type LogReport, UsageError, verifyLogs } from 'keywright-verify/logs';
import { CHECKPOINT_BYTES_MAX } from 'keywright-verify/reader';
import { readFileWithin } from 'safe-files/read-file';
import { printableJson } from '../output/printable-json';
import { writeIfChanged } from '../replay/output-files';
import { explained, KEY_OPTION, type KeyOption } from './explained';
import { givenKeys } from './given-keys';
import { isRemote, LOG_HELP, logAt } from './log-place';
import { toLines, toTable } from './report';
import { savedNote } from './saved-checkpoint';

const HELP = `
Exit code: 0 all is well, 1 something is not, 2 not understood or not readable

Examples:
  $ keywright audit verify ./acme --public-key acme.pub --checkpoint acme.seen
  $ keywright audit verify ./acme --public-key acme.pub --max-age 2h
  $ keywright audit verify ./streams --public-key ./streams/public-keys
  $ keywright audit verify s3://audit-bucket/acme --public-key acme.pub --json
  $ keywright audit verify https://….on.aws/ --public-key acme.pub
`;

interface Options extends KeyOption {
  readonly saved?: readonly string[];
  readonly checkpoint?: string;
  readonly maxAge?: string;
  readonly json?: boolean;
}

export const verifyCommand = () =>
  new Command('verify')
    .description('check every entry, tile and signature of a log')
    .argument('<log>', `${LOG_HELP}; or a folder of logs`)
    .requiredOption(...KEY_OPTION)
    .option('--checkpoint <file>', 'what was verified last: the log must still contain it; written anew if it does')
    .option('--saved <file...>', 'other checkpoints of this log saved earlier: the log must still contain each')
    .option('--max-age <age>', 'how long ago the log may have been signed: 90m, 2h, 1d')
    .option('--json', 'print the reports as JSON')
    .addHelpText('after', HELP)
    .action(explained(verify));

async function verify(place: string, options: Options): Promise<void> {
  const { checkpoint, json } = options;
  const kept = checkpoint === undefined ? undefined : savedNote(checkpoint);
  const others = (options.saved ?? []).map((file) => readFileWithin(file, CHECKPOINT_BYTES_MAX));
  const saved = kept === undefined ? others : [...others, kept];

  const reports = await reportsOn(place, options.publicKey, { saved, ...ageOf(options.maxAge) });
  if (checkpoint !== undefined) keep(checkpoint, place, reports);
  process.stdout.write(
    json ? printableJson(`${JSON.stringify(reports, null, 2)}\n`) : toTable(reports) + toLines(reports),
  );
  if (reports.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function reportsOn(place: string, publicKey: string, options: VerifyOptions) {
  const reports: LogReport[] = [];
  if (isRemote(place)) {
    const { reader, key } = await logAt(place, publicKey);
    reports.push({ log: place, ...(await verifyLog(reader, key, options)) });
  } else {
    for await (const report of verifyLogs(place, givenKeys(publicKey), options)) reports.push(report);
  }
  return reports;
}

/** Only what was verified: a bad log leaves the file as it is. */
function keep(file: string, place: string, reports: readonly LogReport[]): void {
  const [report, ...others] = reports;
  if (others.length > 0) throw new UsageError(`--checkpoint is of one log, and ${place} is a folder of several.`);
  if (report?.ok && report.checkpoint !== undefined) writeIfChanged(file, report.checkpoint);
}
