/** Which logs lie in a folder, and which public key each is to be verified with. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readVerifierKey, type VerifierKey } from '../../shared/verify/note';

/** What a person got wrong, with the way out. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The folder itself when it is a log, else the logs directly in it, in order of their names. */
export function logsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) throw new UsageError(`There is no ${folder}.`);
  if (!statSync(folder).isDirectory()) throw new UsageError(`${folder} is no folder.`);
  if (isLog(folder)) return [folder];
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const logs = names.map(({ name }) => join(folder, name)).filter(isLog);
  if (logs.length > 0) return logs.sort();
  throw new UsageError(
    `There is no log in ${folder}. A log is a folder with the file \`checkpoint\` and the folder \`tile\`.`,
  );
}

/** A log whose checkpoint was taken away is still one: a bad one. */
const isLog = (folder: string): boolean => ['checkpoint', 'tile'].some((name) => existsSync(join(folder, name)));

/** Reads `name+keyid+key`, or a file with one such line for each log. */
export function readKeys(keyOrFile: string): readonly VerifierKey[] {
  const text = existsSync(keyOrFile) ? readFileSync(keyOrFile, 'utf8') : keyOrFile;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new UsageError(`There is no public key in ${keyOrFile}.`);
  return lines.map(readVerifierKey);
}

/** The key of the log by the name in its checkpoint; where only one is given, that one. */
export function keyFor(log: string, keys: readonly VerifierKey[]): VerifierKey {
  const checkpoint = join(log, 'checkpoint');
  const origin = existsSync(checkpoint) ? readFileSync(checkpoint, 'utf8').split('\n')[0] : undefined;
  const key = keys.find(({ name }) => name === origin) ?? (keys.length === 1 ? keys[0] : undefined);
  if (key === undefined) throw new UsageError(`None of the public keys is of ${log}, which calls itself ${origin}.`);
  return key;
}
