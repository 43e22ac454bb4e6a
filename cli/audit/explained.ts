/** What the verbs of `keywright audit` have in common: the key they are given, and how they end. */
import { UnprovedEntry } from 'keywright-verify/entries';
import { UsageError } from 'keywright-verify/logs';
import { Refusal } from 'keywright-verify/note';
import { FileRefused } from 'safe-files/read-file';
import { KeywrightError } from '../../shared/domain/errors';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';
import { NotContinued } from './saved-checkpoint';

export const KEY_OPTION = [
  '--public-key <key>',
  'the public key of the log, `name+keyid+key`, or a file with one such line for each log',
] as const;

export interface KeyOption {
  readonly publicKey: string;
}

/** With exit code 1: something is wrong with a log. */
const BAD_LOG = [UnprovedEntry, NotContinued];
/** Mistakes of a person, in sentences for one. What the machine refuses is told for every command alike. */
const MISTAKES = [UsageError, Refusal, FileRefused, KeywrightError];

/** Turns what is wrong with a log, or what the person got wrong, into one sentence and the exit code. */
export function explained<Given extends unknown[]>(run: (...given: Given) => Promise<void>) {
  return async (...given: Given): Promise<void> => {
    try {
      await run(...given);
    } catch (error) {
      const isBad = BAD_LOG.some((kind) => error instanceof kind);
      if (!isBad && !MISTAKES.some((kind) => error instanceof kind)) throw error;
      process.stderr.write(`${wrapped(printable((error as Error).message))}\n`);
      process.exitCode = isBad ? 1 : 2;
    }
  };
}

/** Waits for a slow reader of our output instead of holding the whole log in memory. */
export async function written(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}
