/** `keywright audit tail`: the latest entries of a log, each verified, and those that come. */
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { verifiedEntries } from 'keywright-verify/entries';
import { numberOf } from '../operate/number';
import { printableJson } from '../output/printable-json';
import { printableLines } from '../output/printable-text';
import { lineOf } from './entry-lines';
import { explained, KEY_OPTION, type KeyOption, written } from './explained';
import { currentCheckpoint, LOG_HELP, logAt, type PlacedLog, type SignedCheckpoint } from './log-place';
import { refuseUnlessContinued } from './saved-checkpoint';

const HELP = `
Reads the end of the log and the tiles above it, however long it is. With
--follow each later checkpoint must contain the one before it.

Exit code: 0 done, 1 an entry is not proved, or the log was rolled back,
           2 not understood or not readable

Examples:
  $ keywright audit tail ./acme --public-key acme.pub -n 20
  $ keywright audit tail s3://audit-bucket/acme --public-key acme.pub --follow
`;

interface Options extends KeyOption {
  readonly number: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export const tailCommand = () =>
  new Command('tail')
    .description('print the latest entries of a log, each verified')
    .argument('<log>', LOG_HELP)
    .requiredOption(...KEY_OPTION)
    .option('-n, --number <count>', 'how many', numberOf, 10)
    .option('-f, --follow', 'go on with those that come, until interrupted')
    .option('--json', 'print the entries as JSON lines')
    .addHelpText('after', HELP)
    .action(
      explained(async (place: string, { publicKey, number, follow, json = false }: Options) => {
        const log = await logAt(place, publicKey);
        const first = await currentCheckpoint(log);
        await print(log, first, Math.max(0, first.size - Math.max(0, Math.trunc(number))), json);
        if (follow) await followLog(log, first, json, () => delay(LOOK_EVERY_MS).then(() => true));
      }),
    );

const LOOK_EVERY_MS = 2000;

/** Prints what is appended. @param wait Waits for the next look; false ends it. @throws NotContinued, UnprovedEntry */
export async function followLog(
  log: PlacedLog,
  seen: SignedCheckpoint,
  isJson: boolean,
  wait: () => Promise<boolean>,
): Promise<void> {
  let last = seen;
  while (await wait()) {
    const current = await currentCheckpoint(log);
    if (current.note === last.note) continue;
    await refuseUnlessContinued(log, last, current);
    await print(log, current, last.size, isJson);
    last = current;
  }
}

async function print({ reader }: PlacedLog, checkpoint: SignedCheckpoint, from: number, isJson: boolean) {
  for await (const { index, bytes } of verifiedEntries(reader, checkpoint, from)) {
    const line = isJson ? printableJson(Buffer.from(bytes).toString()) : printableLines(lineOf(index, bytes));
    await written(`${line}\n`);
  }
}
