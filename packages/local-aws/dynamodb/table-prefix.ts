/**
 * What keeps the tables of this local AWS apart in an engine that others use: what an earlier run left there, and what
 * runs there at the same time, has other names.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { EngineDeps } from '../contracts';
import { LocalAwsFault } from '../start-refused';
import { type DynamoOptions, keptFileIn } from './dynoxide';

const BYTES = 6;

/**
 * @returns what the names of tables begin with in the engine: nothing in dynoxide, which is ours alone. Kept with the
 * folder, so that the next start on it finds its tables.
 * @throws LocalAwsFault when the folder's tables are in another engine.
 */
export function tablePrefix({ store }: Pick<EngineDeps, 'store'>, { folder, endpoint }: DynamoOptions): string {
  const prefixes = store.table<string>('dynamodb.table-prefix');
  const kept = prefixes.get('own');
  if (endpoint === undefined) {
    if (kept !== undefined) throw inOtherEngine(folder);
    return '';
  }
  if (kept !== undefined) return kept;
  if (folder !== undefined && existsSync(keptFileIn(folder))) throw inDynoxide(folder);
  const prefix = `local-aws-${randomBytes(BYTES).toString('hex')}-`;
  prefixes.set('own', prefix);
  return prefix;
}

const inDynoxide = (folder: string) =>
  new LocalAwsFault(
    `The tables of ${folder} are in dynoxide. Unset AWS_ENDPOINT_URL_DYNAMODB to go on with them, or name another folder.`,
  );

const inOtherEngine = (folder = 'this run') =>
  new LocalAwsFault(
    `The tables of ${folder} are in a DynamoDB of your own. Set AWS_ENDPOINT_URL_DYNAMODB to its address to go on with them, or name another folder.`,
  );
