/** Which logs a folder has to hold, by the public keys that were given, and which it holds. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { customerOf } from 'keywright-verify/entry';
import { readVerifierKey, type VerifierKey } from 'keywright-verify/note';
import { readFileWithin } from 'safe-files/read-file';

/** What a person got wrong, with the way out. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A folder, and the key of the log that it has to be, or why it has to be none. */
export type NamedLog = { readonly folder: string } & ({ readonly key: VerifierKey } | { readonly fault: string });

const NOBODYS = 'None of the public keys is of the customer it is named for.';
const WITHIN = 'It lies in a log, where no other log may be: verify it by itself.';

/**
 * The folder itself when it is a log; another one in it is a fault, as the outer one may be a copy that hides it. Else what the keys answer for: each has its log in the folder that is named for its
 * customer, there or not, and no other folder is beside them. What a log says of itself decides nothing here: it may be a
 * copy of another.
 */
export function logsIn(folder: string, keys: readonly VerifierKey[]): readonly NamedLog[] {
  if (!existsSync(folder)) throw new UsageError(`There is no ${folder}.`);
  if (!statSync(folder).isDirectory()) throw new UsageError(`${folder} is no folder.`);
  const { folders, unseen: hidden } = foldersIn(folder);
  if (isLog(folder)) {
    const within = folders.filter((each) => basename(each) !== 'tile' && isLog(each));
    return [
      { folder, key: keyFor(folder, keys) },
      ...within.map((each) => ({ folder: each, fault: WITHIN })),
      ...hidden,
    ];
  }
  if (!folders.some(isLog)) {
    throw new UsageError(
      `There is no log in ${folder}. A log is a folder with the file \`checkpoint\` and the folder \`tile\`.`,
    );
  }
  const unseen = new Map(keys.map((key) => [ownerOf(key.name), key]));
  const named = folders.map((each) => {
    const key = unseen.get(ownerOf(each));
    unseen.delete(ownerOf(each));
    return key === undefined ? { folder: each, fault: NOBODYS } : { folder: each, key };
  });
  const missing = [...unseen.values()].map((key) => ({ folder: join(folder, basename(key.name)), key }));
  return [...named, ...missing, ...hidden].sort((one, other) => (one.folder < other.folder ? -1 : 1));
}

/** The customer in the last part of a key's name or a folder's path; that part itself where it is encoded in another way. */
const ownerOf = (path: string): string => customerOf(path) ?? basename(path);

/** Hidden ones, as that of the signing key, hold no log. Links are followed. `unseen`: what cannot be looked at. */
function foldersIn(folder: string): { readonly folders: readonly string[]; readonly unseen: readonly NamedLog[] } {
  const folders: string[] = [];
  const unseen: NamedLog[] = [];
  for (const name of readdirSync(folder).filter((each) => !each.startsWith('.'))) {
    const path = join(folder, name);
    try {
      if (statSync(path).isDirectory()) folders.push(path);
    } catch (error) {
      unseen.push({ folder: path, fault: `It cannot be looked at (${Object(error).code}).` });
    }
  }
  return { folders, unseen };
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
  const isFile = existsSync(keyOrFile);
  // No key is without one, and a name that was mistyped seldom has one.
  if (!isFile && !keyOrFile.includes('+')) {
    throw new UsageError(`There is no file ${keyOrFile}, and a public key reads \`name+keyid+key\`.`);
  }
  const text = isFile ? readFileWithin(keyOrFile, KEYS_BYTES_MAX).toString('utf8') : keyOrFile;
  const lines = new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
  if (lines.size === 0) throw new UsageError(`There is no public key in ${keyOrFile}.`);
  const keys = [...lines].map(readVerifierKey);
  const owners = new Set<string>();
  const twice = keys.find(({ name }) => owners.has(ownerOf(name)) || !owners.add(ownerOf(name)));
  if (twice === undefined) return keys;
  throw new UsageError(`There are two public keys for ${twice.name} in ${keyOrFile}. Leave the one that you trust.`);
}
