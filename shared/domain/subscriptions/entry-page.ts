/** A page of a log's entries, filtered as subscriptions are, and the cursor of the next one. */
import { hash } from 'node:crypto';
import { invalid } from '../errors';
import { passes, viewOf } from './entry-view';
import { wantedFilter } from './new-subscription';
import { entriesFrom, type LogFiles, publishedSize } from './read-log';
import type { EntryFilter, EntryOutcome } from './subscription';

export interface PageRequest {
  /** What the page before gave; absent: the first page. It is of one log and one filter. */
  readonly cursor?: string | undefined;
  /** Entries at most; fewer come where they are large, or where few of many pass. */
  readonly limit?: number | undefined;
  readonly operations?: readonly string[] | undefined;
  readonly dataStores?: readonly string[] | undefined;
  readonly outcomes?: readonly EntryOutcome[] | undefined;
}

export interface EntryPage {
  /** In the order of the log; each as it is signed. */
  readonly entries: readonly { readonly index: number; readonly entry: string }[];
  /** Of the next page: now, or when the log has grown. */
  readonly cursor: string;
  /** Whether the log has entries behind this page. */
  readonly more: boolean;
  /** Entries that the signed checkpoint covers. */
  readonly size: number;
}

const LIMIT_DEFAULT = 100;
export const LIMIT_MAX = 1_000;

/** Bundles that are looked through for a page: 4,096 entries, and a second or two. */
const BUNDLES_MAX = 16;

/** Of the answer as Lambda passes it on, quoted twice, which may have 6 MB. Source: Lambda quotas, invocation payload. */
export const PAGE_BYTES_MAX = 4_000_000;

/**
 * Reads a bounded part of the log; a page may be empty and have more behind it. Safe to repeat: the same cursor gives the same
 * entries, and those that came since.
 *
 * @throws KeywrightError `input.invalid`, naming the field; `audit.contradicted`; `audit.not-written` (retry).
 */
export async function pageOfEntries(customerId: string, request: PageRequest, files: LogFiles): Promise<EntryPage> {
  const { cursor, limit = LIMIT_DEFAULT, operations, dataStores, outcomes } = request;
  if (limit < 1 || limit > LIMIT_MAX) throw invalid('limit', `must be from 1 to ${LIMIT_MAX}.`);
  const filter = wantedFilter({ operations, dataStores, outcomes });
  const mark = markOf(customerId, filter);
  const size = await publishedSize(customerId, files);
  let next = cursor === undefined ? 0 : indexIn(cursor, mark, size);
  const entries: { index: number; entry: string }[] = [];
  let bytes = 0;

  for (let bundles = 0; bundles < BUNDLES_MAX && next < size; bundles += 1) {
    for (const entry of await entriesFrom(customerId, next, size, files)) {
      if (isWanted(next, entry, filter)) {
        const text = Buffer.from(entry).toString('utf8');
        bytes += quotedTwice(text);
        if (entries.length === limit || bytes > PAGE_BYTES_MAX) return pageTo(next);
        entries.push({ index: next, entry: text });
      }
      next += 1;
    }
  }
  return pageTo(next);

  function pageTo(index: number): EntryPage {
    return { entries, cursor: cursorOf(index, mark), more: index < size, size };
  }
}

/** An entry that nobody can read passes where nothing is asked of it. */
function isWanted(index: number, bytes: Uint8Array, filter: EntryFilter): boolean {
  if (Object.keys(filter).length === 0) return true;
  const view = viewOf(index, bytes);
  return view !== undefined && passes(view, filter);
}

/** In the body, and in the event that holds the body. */
const quotedTwice = (text: string): number => Buffer.byteLength(JSON.stringify(JSON.stringify(text)));

/** What a cursor is of: a place among other entries is none among these. */
const markOf = (customerId: string, filter: EntryFilter): string =>
  hash('sha256', JSON.stringify([customerId, filter.operations, filter.dataStores, filter.outcomes]), 'hex').slice(
    0,
    16,
  );

const cursorOf = (index: number, mark: string): string => Buffer.from(`1.${index}.${mark}`).toString('base64url');

function indexIn(cursor: string, mark: string, size: number): number {
  const [, index, ofMark] = /^1\.(\d{1,15})\.([0-9a-f]{16})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (index !== undefined && ofMark === mark && Number(index) <= size) return Number(index);
  throw invalid('cursor', 'is none of this log and these filters. Leave it out to begin at the first entry.');
}
