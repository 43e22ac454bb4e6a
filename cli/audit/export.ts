/** `keywright audit export`: the entries of a log, each verified before it is printed, from where the last export ended. */
import { Command, Option } from 'commander';
import { verifiedEntries } from 'keywright-verify/entries';
import { instantOf } from '../operate/instant';
import { numberOf } from '../operate/number';
import { printableJson } from '../output/printable-json';
import { writeIfChanged } from '../replay/output-files';
import { FORMATS, type Format, formatted, viewOf } from './entry-lines';
import { explained, KEY_OPTION, type KeyOption, written } from './explained';
import { currentCheckpoint, LOG_HELP, logAt } from './log-place';
import { refuseUnlessContinued, savedCheckpoint } from './saved-checkpoint';

const HELP = `
Formats: entries, each as it was signed; cloudtrail, the CloudTrail record in
it, byte for byte (facts hold none and are left out). One a line.

With --checkpoint only what is new is printed: the file holds where the last
export ended, and is written when this one has. What was cut short is printed
again: at least once, in order.

Exit code: 0 done, 1 an entry is not proved (those before it are printed),
           2 not understood or not readable

Examples:
  $ keywright audit export ./acme --public-key acme.pub > acme.jsonl
  $ keywright audit export ./acme --public-key acme.pub --format cloudtrail \\
      --since 2026-11-01
  $ keywright audit export s3://audit-bucket/acme --public-key acme.pub \\
      --checkpoint acme.sent >> siem.jsonl
`;

interface Options extends KeyOption {
  readonly format: Format;
  readonly since?: string;
  readonly from?: number;
  readonly checkpoint?: string;
}

export const exportCommand = () =>
  new Command('export')
    .description('print the entries of a log as JSON lines, each verified')
    .argument('<log>', LOG_HELP)
    .requiredOption(...KEY_OPTION)
    .addOption(new Option('--format <format>', 'what is printed of each').choices(FORMATS).default('entries'))
    .option('--since <day>', 'only what happened since that day (UTC), or instant', instantOf)
    .option('--from <index>', 'only from that index on', numberOf)
    .addOption(
      new Option('--checkpoint <file>', 'only what came since the export that wrote it; written anew').conflicts(
        'from',
      ),
    )
    .addHelpText('after', HELP)
    .action(explained(exportEntries));

async function exportEntries(place: string, { publicKey, format, since = '', from = 0, checkpoint }: Options) {
  const log = await logAt(place, publicKey);
  const current = await currentCheckpoint(log);
  const older = checkpoint === undefined ? undefined : savedCheckpoint(checkpoint, log);
  if (older !== undefined) await refuseUnlessContinued(log, older, current);

  // Into a file or a pipe go the bytes that were signed; a terminal would obey some of them.
  const shown = (line: Uint8Array) => (process.stdout.isTTY ? printableJson(Buffer.from(line).toString()) : line);
  for await (const { bytes } of verifiedEntries(log.reader, current, older?.size ?? from)) {
    if (since !== '' && (viewOf(bytes).at ?? '') < since) continue;
    const line = formatted(bytes, format);
    if (line !== undefined) await written(shown(Buffer.concat([line, LINE_END])));
  }
  if (checkpoint !== undefined) writeIfChanged(checkpoint, current.note);
}

const LINE_END = Buffer.from('\n');
