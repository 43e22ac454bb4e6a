/**
 * read-audit: a customer's own principals read their audit log, and nothing else. Who asks decides whose log it is: no request names
 * a customer, so that none can ask for another's, or learn that there is one.
 */
import { TILE_WIDTH, tilePath } from '../audit/log/layout';
import { proofsOf } from '../audit/log/proofs';
import { HASH_BYTES } from '../audit/log/tree-hashes';
import { callerName } from '../customers/audit-reader';
import { KeywrightError, refusal } from '../errors';
import type { ControlStore } from '../ports';
import { type EntryPage, type PageRequest, pageOfEntries } from './entry-page';
import { entriesFrom, type LogFiles, published } from './read-log';

export interface ReadAuditPorts {
  readonly control: Pick<ControlStore, 'find'>;
  readonly objects: LogFiles;
}

/** Source: C2SP tlog-tiles. Levels of a tree of 2^48 entries. */
const FILE = /^(checkpoint|tile\/(entries|[0-5])\/(x\d{3}\/){0,4}\d{3}(\.p\/\d{1,3})?)$/;

/**
 * The customer whose log a principal reads.
 *
 * @param principal As AWS names it to the function.
 * @throws KeywrightError `identity.refused`, in the same words for everybody whom no customer named; `store.unreachable` (retry).
 */
export async function customerReadBy(principal: string, { control }: Pick<ReadAuditPorts, 'control'>): Promise<string> {
  const name = callerName(principal);
  const reader = name === undefined ? undefined : await control.find('audit-reader', name);
  if (reader && reader.removedAt === undefined) return reader.customerId;
  const message = `${principal} reads no audit log. Ask your provider to add its role or user: keywright audit-readers add`;
  throw new KeywrightError('identity.refused', message);
}

/**
 * A file of the log, byte for byte: C2SP tlog-tiles, docs/audit-log-format.md.
 *
 * @param path `checkpoint`, `tile/0/000`, `tile/entries/000.p/17`.
 * @throws KeywrightError `state.not-found` where there is none; `audit.not-written` (retry).
 */
export async function readLogFile(customerId: string, path: string, { objects }: ReadAuditPorts): Promise<Uint8Array> {
  const file = FILE.test(path) ? await objects.read(customerId, path) : undefined;
  if (file) return file.bytes;
  throw refusal(
    'state.not-found',
    'path',
    'the log has no such file. It has checkpoint, tile/LEVEL/… and tile/entries/….',
  );
}

/** Entries by filter and cursor. @throws KeywrightError `input.invalid`, naming the field; as `readLogFile` does. */
export const readEntries = (
  customerId: string,
  request: PageRequest,
  { objects }: ReadAuditPorts,
): Promise<EntryPage> => pageOfEntries(customerId, request, objects);

/**
 * That an entry is in the log.
 *
 * @param index From 0.
 * @throws KeywrightError `input.invalid`, naming `index`; `audit.contradicted` where the log is damaged.
 */
export async function proveInclusion(customerId: string, index: number, { objects }: ReadAuditPorts) {
  const { size, checkpoint } = await published(customerId, objects);
  if (index < 0 || index >= size) throw beyond('index', `the log has ${size} entries, the first of index 0`);
  const [entry = new Uint8Array()] = await entriesFrom(customerId, index, size, objects);
  const proof = await proofsIn(customerId, size, objects).inclusion(index);
  return { index, entry: Buffer.from(entry).toString('utf8'), proof: proof.map(base64), checkpoint };
}

/**
 * That the log goes on from an earlier size.
 *
 * @param from The earlier size: 1 and more.
 * @throws KeywrightError as `proveInclusion` does, naming `from`.
 */
export async function proveConsistency(customerId: string, from: number, { objects }: ReadAuditPorts) {
  const { size, checkpoint } = await published(customerId, objects);
  if (from < 1 || from > size) throw beyond('from', `the log has ${size} entries: give a size from 1 on`);
  const proof = await proofsIn(customerId, size, objects).consistency(from);
  return { from, size, proof: proof.map(base64), checkpoint };
}

/** Partial tiles may go once the full one is there. */
const proofsIn = (customerId: string, size: number, files: LogFiles) =>
  proofsOf(size, async (level, at, width) => {
    const exact = await files.read(customerId, tilePath(level, at, width));
    const stored = exact ?? (await files.read(customerId, tilePath(level, at, TILE_WIDTH)));
    if (stored && stored.bytes.length >= width * HASH_BYTES) return stored.bytes;
    const message = `The log’s file ${tilePath(level, at, width)} is missing or not whole. Tell your provider.`;
    throw new KeywrightError('audit.contradicted', message, { customerId });
  });

const beyond = (field: string, what: string) => refusal('input.invalid', field, `${what}.`);

const base64 = (hash: Uint8Array): string => Buffer.from(hash).toString('base64');
