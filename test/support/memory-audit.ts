/** Working implementations, in memory, of what an audit log needs of the world. */

import type { LogReader } from 'keywright-verify/reader';
import type { AuditEntries } from '../../events/audit-entries';
import type { Fact } from '../../events/define-event';
import { isKey } from '../../shared/adapters/control-table';
import { localCheckpointSigner } from '../../shared/adapters/local-checkpoint-signer';
import { misplaced } from '../../shared/adapters/misplaced-row';
import { bundleOf } from '../../shared/domain/audit/log/layout';
import {
  type AuditEntry,
  type AuditHead,
  type AuditObjects,
  type AuditSequence,
  BATCH_LIMITS,
  type CheckpointSigner,
} from '../../shared/domain/audit/log/ports';
import { EMPTY_ROOT } from '../../shared/domain/audit/log/tree-hashes';
import { KeywrightError } from '../../shared/domain/errors';
import { aCustomer } from './make';
import { memoryControlStore } from './memory-control-store';

export interface MemoryAuditSequence extends AuditSequence {
  /** Every fact committed so far, in order. */
  readonly outbox: readonly Fact[];
  /** Copies a customer's head, or first batch, as it is, to where another's is kept. */
  misplace(what: 'head' | 'batch', customerId: string, toCustomerId: string): void;
}

/** @param begun Heads of logs that are there already; their past entries are not known by their keys. */
export function memoryAuditSequence(begun: readonly AuditHead[] = []): MemoryAuditSequence {
  const heads = new Map(begun.map((head) => [head.customerId, head]));
  const marks = new Set<string>();
  const batches = new Map<string, { readonly self: string; readonly entries: readonly Uint8Array[] }>();
  const outbox: Fact[] = [];

  const headOf = (customerId: string): AuditHead => {
    const head = heads.get(customerId);
    if (head && head.customerId !== customerId) throw misplaced(customerId);
    return head ?? { customerId, size: 0, integrated: 0, rootHash: EMPTY_ROOT, revision: 0 };
  };
  const refuseIf = (isStale: boolean): void => {
    if (isStale) throw new KeywrightError('state.changed-meanwhile', 'The head was changed since it was read.');
  };
  const name = (...parts: readonly (string | number)[]): string => {
    const key = `audit-mark#${parts.map(encodeURIComponent).join('#')}`;
    if (!isKey(key)) throw new KeywrightError('store.refused', 'A name is no key.');
    return key;
  };

  return {
    outbox,
    misplace(what, customerId, toCustomerId) {
      const [head, batch] = [heads.get(customerId), batches.get(name(customerId, 0))];
      if (what === 'head' && head) heads.set(toCustomerId, head);
      if (what === 'batch' && batch) batches.set(name(toCustomerId, 0), batch);
    },
    head: async (customerId) => headOf(customerId),
    known: async (customerId, keys) => new Set(keys.filter((key) => marks.has(name(customerId, key)))),

    async sequence(head, entries) {
      const { customerId } = head;
      const keys = entries.flatMap(({ dedupeKeys }) => dedupeKeys.map((key) => name(customerId, key)));
      refuseLarge(entries);
      refuseIf(headOf(customerId).revision !== head.revision || keys.some((key) => marks.has(key)));
      const next = { ...head, size: head.size + entries.length, revision: head.revision + 1 };
      heads.set(customerId, next);
      const self = name(customerId, head.size);
      batches.set(self, { self, entries: structuredClone(entries.map(({ bytes }) => bytes)) });
      for (const key of keys) marks.add(key);
      return next;
    },

    async batch(customerId, firstIndex) {
      const batch = batches.get(name(customerId, firstIndex));
      if (batch && batch.self !== name(customerId, firstIndex)) throw misplaced(name(customerId, firstIndex));
      return batch && { firstIndex, entries: structuredClone(batch.entries) };
    },

    async settle(head, { size, rootHash, batches: settled }, fact) {
      refuseIf(headOf(head.customerId).revision !== head.revision);
      const next = { ...head, integrated: size, rootHash, revision: head.revision + 1 };
      heads.set(head.customerId, next);
      for (const firstIndex of settled) batches.delete(name(head.customerId, firstIndex));
      outbox.push(fact);
      return next;
    },
  };
}

/** What DynamoDB would refuse for its size is refused here too. */
function refuseLarge(entries: readonly AuditEntry[]): void {
  const bytes = bundleOf(entries.map((entry) => entry.bytes)).length;
  const dedupeKeys = entries.flatMap((entry) => entry.dedupeKeys).length;
  const isLarge =
    entries.length > BATCH_LIMITS.entries || dedupeKeys > BATCH_LIMITS.dedupeKeys || bytes > BATCH_LIMITS.bytes;
  if (isLarge) throw new KeywrightError('store.refused', 'A batch is too large.', { bytes, dedupeKeys });
}

export interface MemoryAuditObjects extends AuditObjects {
  /** A customer's files by path, to be looked at and tampered with. */
  filesOf(customerId: string): Map<string, Uint8Array>;
}

export function memoryAuditObjects(): MemoryAuditObjects {
  const customers = new Map<string, Map<string, Uint8Array>>();
  const filesOf = (customerId: string): Map<string, Uint8Array> => {
    const files = customers.get(customerId) ?? new Map<string, Uint8Array>();
    customers.set(customerId, files);
    return files;
  };
  const tagOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

  return {
    filesOf,
    async read(customerId, path) {
      const bytes = filesOf(customerId).get(path);
      return bytes && { bytes: new Uint8Array(bytes), tag: tagOf(bytes) };
    },
    async create(customerId, path, bytes) {
      if (filesOf(customerId).has(path)) return false;
      filesOf(customerId).set(path, new Uint8Array(bytes));
      return true;
    },
    async replace(customerId, path, bytes, tag) {
      const present = filesOf(customerId).get(path);
      if (present === undefined || tagOf(present) !== tag) return false;
      filesOf(customerId).set(path, new Uint8Array(bytes));
      return true;
    },
  };
}

/** Reads what is in the map at the time of reading. */
export function readerOf(files: ReadonlyMap<string, Uint8Array>): LogReader {
  return {
    async read(path) {
      const bytes = files.get(path);
      return bytes && new Uint8Array(bytes);
    },
  };
}

/** The one id that nobody is registered by. */
export const NOBODY = 'nobody';

/** The ports of the verb that appends, all in memory, and what it is given. */
export function memoryAuditPorts(signer: CheckpointSigner = aSigner()) {
  return {
    sequence: memoryAuditSequence(),
    objects: memoryAuditObjects(),
    signer,
    control: memoryControlStore(),
    clock: { now: () => '2026-01-01T00:00:00.000Z' },
    customers: {
      customer: async (customerId: string) => (customerId === NOBODY ? undefined : aCustomer({ customerId })),
    },
  };
}

/** Entries that tell of the events of those names, one each. */
export function entriesFor(customerId: string, eventIds: readonly string[]): AuditEntries {
  const entries = eventIds.map((eventId) => ({
    dedupeKeys: [eventId],
    json: JSON.stringify({ v: 1, eventId, customerId }),
  }));
  return { customerId, entries };
}

/** Ed25519 private keys that exist for tests alone: PKCS #8 around 32 equal bytes (RFC 8410, section 7). */
export function aSigner(seed = 1): CheckpointSigner {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  return localCheckpointSigner(`-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`);
}
