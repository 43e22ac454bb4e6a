/** Which logs a folder has to hold, by the public keys that were given, and which it holds. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { readFileWithin } from '../../shared/files/read-file';
import { customerOf } from '../../shared/verify/entry';
import { readVerifierKey, type VerifierKey } from '../../shared/verify/note';

/** What a person got wrong, with the way out. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A folder, and the key of the log that it has to be; without one nobody answers for it. */
export interface NamedLog {
  readonly folder: string;
  readonly key: VerifierKey | undefined;
}

/**
 * The folder itself when it is a log. Else what the keys answer for: each has its log in the folder that is named for its
 * customer, there or not, and no other folder is beside them. What a log says of itself decides nothing here: it may be a
 * copy of another.
 */
export function logsIn(folder: string, keys: readonly VerifierKey[]): readonly NamedLog[] {
  if (!existsSync(folder)) throw new UsageError(`There is no ${folder}.`);
  if (!statSync(folder).isDirectory()) throw new UsageError(`${folder} is no folder.`);
  if (isLog(folder)) return [{ folder, key: keyFor(folder, keys) }];
  const folders = foldersIn(folder);
  if (!folders.some(isLog)) {
    throw new UsageError(
      `There is no log in ${folder}. A log is a folder with the file \`checkpoint\` and the folder \`tile\`.`,
    );
  }
  const unseen = new Map(keys.map((key) => [ownerOf(key.name), key]));
  const named = folders.map((each) => {
    const key = unseen.get(ownerOf(each));
    unseen.delete(ownerOf(each));
    return { folder: each, key };
  });
  const missing = [...unseen.values()].map((key) => ({ folder: join(folder, basename(key.name)), key }));
  return [...named, ...missing].sort((one, other) => (one.folder < other.folder ? -1 : 1));
}

/** The customer in the last part of a key's name or a folder's path; that part itself where it is encoded in another way. */
const ownerOf = (path: string): string => customerOf(path) ?? basename(path);

/** Hidden ones, as that of the signing key, hold no log. Links are followed. */
function foldersIn(folder: string): readonly string[] {
  const paths = readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(folder, name));
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
}

/** A log whose checkpoint was taken away is still one: a bad one. */
const isLog = (folder: string): boolean => ['checkpoint', 'tile'].some((name) => existsSync(join(folder, name)));

/** The one key that was given; of several, that of the customer for whom the folder is named. */
export function keyFor(folder: string, keys: readonly VerifierKey[]): VerifierKey {
  const [only, ...others] = keys;
  if (only !== undefined && others.length === 0) return only;
  const owner = ownerOf(resolve(folder));
  const key = keys.find(({ name }) => ownerOf(name) === owner);
  if (key !== undefined) return key;
  throw new UsageError(
    `${folder} is named for none of the public keys' customers. Give the one key that it has to have.`,
  );
}

/** Forty thousand keys of the longest names that folders can have. */
const KEYS_BYTES_MAX = 16 * 1024 * 1024;

/** Reads `name+keyid+key`, or a file with one such line for each log. */
export function readKeys(keyOrFile: string): readonly VerifierKey[] {
  const text = existsSync(keyOrFile) ? readFileWithin(keyOrFile, KEYS_BYTES_MAX).toString('utf8') : keyOrFile;
  const lines = new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
  if (lines.size === 0) throw new UsageError(`There is no public key in ${keyOrFile}.`);
  const keys = [...lines].map(readVerifierKey);
  const owners = keys.map(({ name }) => ownerOf(name));
  const twice = keys.find((_, at) => owners.indexOf(owners[at] ?? '') !== at);
  if (twice === undefined) return keys;
  throw new UsageError(`There are two public keys for ${twice.name} in ${keyOrFile}. Leave the one that you trust.`);
}
