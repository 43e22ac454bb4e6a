/** The public keys that a person gives on the command line. */
import { existsSync } from 'node:fs';
import { readKeys, UsageError } from 'keywright-verify/logs';
import type { VerifierKey } from 'keywright-verify/note';
import { readFileWithin } from 'safe-files/read-file';

/** Forty thousand keys of the longest names that folders can have. */
const KEYS_BYTES_MAX = 16 * 1024 * 1024;

/**
 * @param given `name+keyid+key`, or a file with one such line for each log.
 * @throws UsageError, Refusal `key-malformed`, FileRefused.
 */
export function givenKeys(given: string): readonly VerifierKey[] {
  const isFile = existsSync(given);
  // No key is without one, and a name that was mistyped seldom has one.
  if (!isFile && !given.includes('+')) {
    throw new UsageError(`There is no file ${given}, and a public key reads \`name+keyid+key\`.`);
  }
  return readKeys(isFile ? readFileWithin(given, KEYS_BYTES_MAX).toString('utf8') : given, given);
}
