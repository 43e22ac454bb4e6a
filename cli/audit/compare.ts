/** `keywright audit compare`: a log against the CloudTrail files of the customer's own account. */
import { Command } from 'commander';
import { verifiedEntries } from 'keywright-verify/entries';
import { keyUseOf } from '../../events/kms-key-use';
import { readLog } from '../../shared/adapters/log-files/read-log';
import { instantOf } from '../operate/instant';
import { printableJson } from '../output/printable-json';
import { printable } from '../output/printable-text';
import { grouped } from '../output/table';
import { findInputs, type Input } from '../replay/inputs';
import { viewOf } from './entry-lines';
import { explained, KEY_OPTION, type KeyOption, written } from './explained';
import { currentCheckpoint, LOG_HELP, logAt, type PlacedLog } from './log-place';
import { type Lone, type Sides, splitSides } from './split-sides';

const HELP = `
Records are compared that tell of a use of a key which the log names too, or
which --key names. Two accounts' copies of one call are one. Facts of Keywright
are in the log alone and are left out.

Give --since and --until: the days that both sides cover.

Exit code: 0 both sides have the same, 1 one side lacks something, an entry is
           not proved, or a file is damaged, 2 not understood or not readable

Examples:
  $ keywright audit compare ./acme ./AWSLogs --public-key acme.pub \\
      --since 2026-11-01 --until 2026-11-02
  $ keywright audit compare s3://audit-bucket/acme trail.json.gz \\
      --public-key acme.pub --json
`;

interface Options extends KeyOption {
  readonly since?: string;
  readonly until?: string;
  readonly key?: readonly string[];
  readonly json?: boolean;
}

export const compareCommand = () =>
  new Command('compare')
    .description('list what only the log has, and what only CloudTrail files have')
    .argument('<log>', LOG_HELP)
    .argument('<files...>', 'CloudTrail logs of the customer, files and folders as `keywright replay` reads them')
    .requiredOption(...KEY_OPTION)
    .option('--since <day>', 'only what happened since that day (UTC), or instant', instantOf)
    .option('--until <day>', 'only what happened before it', instantOf)
    .option('--key <arn...>', 'keys whose uses should be in the log, beside those that it names')
    .option('--json', 'print a JSON line for each difference, and one of the counts last')
    .addHelpText('after', HELP)
    .action(explained(compare));

/** Where something is that the other side lacks. */
interface Detail {
  readonly eventId: string;
  readonly at: string;
  readonly operation: string;
  readonly index?: number;
  readonly file?: string;
}

async function compare(place: string, paths: readonly string[], options: Options): Promise<void> {
  const { inputs } = findInputs(paths, place);
  const log = await logAt(place, options.publicKey);
  const sides = splitSides<Detail>();
  try {
    const keys = new Set(options.key ?? []);
    await addEntries(log, keys, sides, options);
    let damaged = 0;
    for (const input of inputs) damaged += await addRecords(input, keys, sides, options);
    await report(sides, damaged, options);
  } finally {
    sides.remove();
  }
}

const isWithin = (at: string, { since = '', until }: Options): boolean =>
  at >= since && (until === undefined || at < until);

/** @param keys Gets the keys that the log names. */
async function addEntries(log: PlacedLog, keys: Set<string>, sides: Sides<Detail>, options: Options): Promise<void> {
  for await (const { index, bytes } of verifiedEntries(log.reader, await currentCheckpoint(log))) {
    const { kind, at = '', operation = '', eventId = '', sharedEventId = eventId, kmsKeyArns = [] } = viewOf(bytes);
    if (kind === 'fact') continue;
    for (const arn of kmsKeyArns) keys.add(arn);
    if (isWithin(at, options)) sides.add('stream', sharedEventId, { eventId, at, operation, index });
  }
}

/** @returns how much of the file is damaged: what and where is told as it is met. */
async function addRecords(
  input: Input,
  keys: ReadonlySet<string>,
  sides: Sides<Detail>,
  options: Options,
): Promise<number> {
  let damaged = 0;
  await readLog(input, {
    record(record) {
      const { eventId, sharedEventId = eventId, at, operation, ...use } = keyUseOf(record);
      const isOfKey = use.keys.some(({ kmsKeyArn = '' }) => keys.has(kmsKeyArn));
      if (isOfKey && isWithin(at, options)) {
        sides.add('cloudtrail', sharedEventId, { eventId, at, operation, file: input.name });
      }
    },
    rejected(index, reason) {
      damaged += 1;
      process.stderr.write(`${printable(`${input.name} [${index}]: ${reason}`)}\n`);
    },
    other: () => undefined,
    skipped: () => undefined,
    settle: async () => undefined,
    read: () => undefined,
  });
  return damaged;
}

async function report(sides: Sides<Detail>, damaged: number, { json }: Options): Promise<void> {
  const counts = { stream: 0, cloudtrail: 0 };
  for (const lone of sides.lone()) {
    counts[lone.onlyIn] += 1;
    await written(`${json ? printableJson(JSON.stringify(jsonOf(lone))) : textOf(lone)}\n`);
  }
  const { matched } = sides;
  const [both, own, theirs] = [matched, counts.stream, counts.cloudtrail].map(grouped);
  const total = { matched, onlyInStream: counts.stream, onlyInCloudTrail: counts.cloudtrail, damaged };
  await written(
    json ? `${JSON.stringify(total)}\n` : `${both} in both, ${own} only in the log, ${theirs} only in CloudTrail\n`,
  );
  if (counts.stream + counts.cloudtrail + damaged > 0) process.exitCode = 1;
}

const jsonOf = ({ onlyIn, detail }: Lone<Detail>) => ({ onlyIn, ...detail });

function textOf({ onlyIn, detail }: Lone<Detail>): string {
  const { at, operation, eventId, index, file } = detail;
  const where = onlyIn === 'stream' ? `only in the log: entry ${index}` : `only in CloudTrail: ${file}`;
  return `${printable(where)}\n  ${printable(`${at} ${operation} ${eventId}`)}`;
}
