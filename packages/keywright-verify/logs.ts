/** Which logs a folder has to hold, by the public keys that were given, which it holds, and whether each is sound. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { customerOf } from './entry';
import { folderReader } from './folder';
import { type Report, type VerifyOptions, verifyLog } from './log';
import { readVerifierKey, type VerifierKey } from './note';

/** What a person got wrong, with the way out. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What came of a folder. Beside the findings of a log: that no key is of it, or that it is not there. */
export interface LogReport extends Omit<Report, 'origin' | 'findings'> {
  readonly log: string;
  /** Of the log that it had to be. */
  readonly origin?: string;
  readonly findings: readonly { readonly code: string; readonly message: string; readonly index?: number }[];
}

/** A folder, and the key of the log that it has to be, or why it has to be none. */
type NamedLog = { readonly folder: string } & ({ readonly key: VerifierKey } | { readonly fault: string });

const NOBODYS = 'None of the public keys is of the customer it is named for.';
const WITHIN = 'It lies in a log, where no other log may be: verify it by itself.';

/** Verifies a log, or each log of a folder of logs, one after the other. @throws UsageError when there is no log. */
export async function* verifyLogs(folder: string, keys: readonly VerifierKey[], options: VerifyOptions = {}) {
  for (const named of logsIn(folder, keys)) yield await reportOn(named, options);
}

async function reportOn(named: NamedLog, options: VerifyOptions): Promise<LogReport> {
  const log = named.folder;
  const wrong = (code: string, message: string) => ({ log, ok: false, findings: [{ code, message, index: 0 }] });
  if ('fault' in named) return wrong('unexpected-folder', named.fault);
  const { key } = named;
  if (existsSync(log)) return { log, ...(await verifyLog(folderReader(log), key, options)) };
  return { ...wrong('log-missing', `There is a public key of ${key.name}, and no log.`), origin: key.name };
}

/**
 * The folder itself when it is a log; another one in it is a fault, as the outer one may be a copy that hides it. Else what
 * the keys answer for: each has its log in the folder that is named for its customer, there or not, and no other folder is
 * beside them. What a log says of itself decides nothing here: it may be a copy of another.
 */
function logsIn(folder: string, keys: readonly VerifierKey[]): readonly NamedLog[] {
  if (!existsSync(folder)) throw new UsageError(`There is no ${folder}.`);
  if (!statSync(folder).isDirectory()) throw new UsageError(`${folder} is no folder.`);
  const { folders, unseen } = foldersIn(folder);
  if (isLog(folder)) {
    const within = folders.filter((each) => basename(each) !== 'tile' && isLog(each));
    const faults = within.map((each) => ({ folder: each, fault: WITHIN }));
    return [{ folder, key: keyFor(folder, keys) }, ...faults, ...unseen];
  }
  if (!folders.some(isLog)) {
    const sought = 'A log is a folder with the file `checkpoint` and the folder `tile`.';
    throw new UsageError(`There is no log in ${folder}. ${sought}`);
  }
  const awaited = new Map(keys.map((key) => [ownerOf(key.name), key]));
  const named = folders.map((each) => {
    const key = awaited.get(ownerOf(each));
    awaited.delete(ownerOf(each));
    return key === undefined ? { folder: each, fault: NOBODYS } : { folder: each, key };
  });
  const missing = [...awaited.values()].map((key) => ({ folder: join(folder, basename(key.name)), key }));
  return [...named, ...missing, ...unseen].sort((one, other) => (one.folder < other.folder ? -1 : 1));
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

/** The one key that was given; of several, that of the customer for whom the folder is named. @throws UsageError */
export function keyFor(folder: string, keys: readonly VerifierKey[]): VerifierKey {
  const [only, ...others] = keys;
  if (only !== undefined && others.length === 0) return only;
  const owner = ownerOf(resolve(folder));
  const key = keys.find(({ name }) => ownerOf(name) === owner);
  if (key !== undefined) return key;
  throw new UsageError(`${folder} is named for none of the public keys' customers. Give the one key it has to have.`);
}

/** The keys of a text, one a line. @param from What it was read from. @throws UsageError, Refusal `key-malformed`. */
export function readKeys(text: string, from: string): readonly VerifierKey[] {
  const lines = new Set(text.split('\n').flatMap((line) => line.trim() || []));
  if (lines.size === 0) throw new UsageError(`There is no public key in ${from}.`);
  const keys = [...lines].map(readVerifierKey);
  const owners = new Set<string>();
  const twice = keys.find(({ name }) => owners.has(ownerOf(name)) || !owners.add(ownerOf(name)));
  if (twice === undefined) return keys;
  throw new UsageError(`There are two public keys for ${twice.name} in ${from}. Leave the one that you trust.`);
}
