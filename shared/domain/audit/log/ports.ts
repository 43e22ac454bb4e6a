/**
 * What a customer's audit log needs of the world: an order, a place for files, and a signature.
 *
 * An entry is in the log from the moment it is sequenced: from then on its place is fixed, and what is left, writing the
 * files of the log, always comes to the same bytes and may be done again by anyone.
 */
import type { AuditEntries } from '../../../../events/audit-entries';
import type { Fact } from '../../../../events/define-event';

/** How far a customer's log is. */
export interface AuditHead {
  readonly customerId: string;
  /** Entries that have their place. */
  readonly size: number;
  /** Entries that the signed checkpoint covers; the first of the next integration. */
  readonly integrated: number;
  /** The root over the integrated entries. */
  readonly rootHash: Uint8Array;
  readonly revision: number;
}

export interface AuditEntry {
  /** The names of what the entry tells of, `eventID` and `sharedEventID` for example: each is in a log at most once. */
  readonly dedupeKeys: readonly string[];
  /** At most 65,535. */
  readonly bytes: Uint8Array;
}

/** Entries on their way from the sequence to the log's files. */
export interface AuditBatch {
  readonly firstIndex: number;
  readonly entries: readonly Uint8Array[];
}

/** One batch must fit an item, and its keys a transaction, of DynamoDB (400 KB, 100 actions). */
export const BATCH_LIMITS = { entries: 45, dedupeKeys: 90, bytes: 350_000 } as const;

export interface AuditSequence {
  /** Strongly consistent. A customer without entries has a head of size 0. */
  head(customerId: string): Promise<AuditHead>;

  /** Those of the keys that already have an entry. Strongly consistent. */
  known(customerId: string, dedupeKeys: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Gives the entries the next places and remembers their keys: all of it, or nothing. They must fit `BATCH_LIMITS`.
   *
   * @returns the new head.
   * @throws KeywrightError `state.changed-meanwhile` (retry) when the head was changed since it was read or one of the
   *   keys has an entry meanwhile; `store.unreachable` (retry): it may have happened all the same, so read again.
   */
  sequence(head: AuditHead, entries: readonly AuditEntry[]): Promise<AuditHead>;

  /** The batch that begins at that index; undefined when it was settled meanwhile. Strongly consistent. */
  batch(customerId: string, firstIndex: number): Promise<AuditBatch | undefined>;

  /**
   * Records that everything up to `integrated.size` is in the log's files, lets the batches go, and puts the fact into
   * the outbox: all of it, or nothing. At most 20 batches.
   *
   * @returns the new head.
   * @throws KeywrightError as `sequence` does.
   */
  settle(
    head: AuditHead,
    integrated: { readonly size: number; readonly rootHash: Uint8Array; readonly batches: readonly number[] },
    fact: Fact,
  ): Promise<AuditHead>;
}

export interface AuditQueue {
  /**
   * Sends messages to the writers of the logs, in order within each customer. Delivery is at least once.
   *
   * @returns the positions of the messages that were refused or not reached: send those again.
   */
  send(messages: readonly AuditEntries[]): Promise<ReadonlySet<number>>;
}

/** A message of SQS takes 1 MiB; the entries' quotes are escaped in it. Source: SQS quotas. */
export const MESSAGE_BYTES_MAX = 1_000_000;

export interface StoredObject {
  readonly bytes: Uint8Array;
  /** Changes with the bytes; what `replace` compares. */
  readonly tag: string;
}

/** The files of the customers' logs, by customer and path. */
export interface AuditObjects {
  /** Sees every write that was acknowledged before. Undefined when there is no such file. */
  read(customerId: string, path: string): Promise<StoredObject | undefined>;

  /** Writes a new file. @returns false, and writes nothing, when there is one already. */
  create(customerId: string, path: string, bytes: Uint8Array): Promise<boolean>;

  /** Writes over the file with that tag. @returns false, and writes nothing, when it was changed meanwhile. */
  replace(customerId: string, path: string, bytes: Uint8Array, tag: string): Promise<boolean>;
}

/**
 * An Ed25519 key. The same message always gives the same signature.
 *
 * @throws KeywrightError any code that begins with `kms.`.
 */
export interface CheckpointSigner {
  /** @returns 64 bytes, RFC 8032. */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** @returns 32 bytes, RFC 8032. */
  publicKey(): Promise<Uint8Array>;
}
