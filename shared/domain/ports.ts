/** What the domain needs of the world. Every implementation passes the contract suite of its port in `test/contract`. */
import type { Fact } from '../../events/define-event';
import type { DueEntityType, EntityType, Rows } from './rows';

export interface Clock {
  /** The present instant, UTC with milliseconds. */
  now(): string;
}

export interface Ids {
  /** A new identifier, ordered by time of creation, never given twice. */
  next(): string;
}

/** One structured log line. `fields` holds identifiers and counts only: no key material, no plaintext, no tokens. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A row to write. Its `revision` is what was read, and 0 for a new row; the store writes it with one more. */
export type Write = { readonly [N in EntityType]: { readonly entityType: N; readonly row: Rows[N] } }[EntityType];

/**
 * A change of state and the facts it causes: all of it happens, or nothing.
 * At most 90 writes and facts together (a DynamoDB transaction takes 100 actions).
 */
export interface Change {
  readonly writes: readonly Write[];
  readonly facts: readonly Fact[];
}

/** What is due is in so many parts of about the same size, by the names of rows: each can be worked by itself. */
export const DUE_PARTS = 4;

export interface ControlStore {
  /**
   * The row of that id, read strongly consistent; undefined when there is none. Any text may be asked for: one that can
   * name no row (empty, ill-formed, or too long for a key) finds nothing.
   *
   * @throws KeywrightError `store.row-misplaced` when the row kept there says that it is another one.
   */
  find<N extends EntityType>(entityType: N, id: string): Promise<Rows[N] | undefined>;

  /**
   * The fact of that name as it was committed, read strongly consistent; undefined when there is none, or none any more:
   * facts are kept for some days (the outbox's time to live).
   */
  fact(factId: string): Promise<Fact | undefined>;

  /**
   * Commits a change. Each row must still have the revision it was read with (0: must not exist yet).
   * Safe to repeat only by reading again first: a repeat of the same change is refused.
   *
   * @throws KeywrightError `state.changed-meanwhile` (retry: read again and decide anew), `store.unreachable` (retry).
   */
  commit(change: Change): Promise<void>;

  /**
   * Rows of a noun that name this KMS key, in pages. Eventually consistent: to decide on one, `find` it. Here and in all
   * that follow, a row that says that it is another one than it is kept as is left out.
   *
   * @param leftOut Told the id that such a row is kept under, by whoever must not overlook it.
   */
  ofKmsKey<N extends EntityType>(
    entityType: N,
    kmsKeyArn: string,
    leftOut?: (id: string) => void,
  ): AsyncIterable<Rows[N]>;

  /** Rows of a noun that name this customer, in pages. Eventually consistent. */
  ofCustomer<N extends EntityType>(entityType: N, customerId: string): AsyncIterable<Rows[N]>;

  /**
   * Rows whose `dueAt` has come, the longest due first, at most `limit`. Eventually consistent. Costs what is due.
   *
   * @param part One of the `DUE_PARTS`, from 0: together they are the whole, and a row stays in its own.
   * @param leftOut Told the key, with its entity type, of what was found among them and is no such row. Some thousands
   *   hide nothing.
   */
  due<N extends DueEntityType>(
    entityType: N,
    now: string,
    limit: number,
    leftOut?: (key: string) => void,
    part?: number,
  ): Promise<readonly Rows[N][]>;

  /**
   * A page of every row of a noun that has a `dueAt`. Eventually consistent. A row that is not changed meanwhile is in exactly one page;
   * one whose `dueAt` changes may be in two, or in none.
   *
   * @throws KeywrightError `input.invalid`, naming `after`, when that is no `next` of a page.
   */
  page<N extends DueEntityType>(
    entityType: N,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly rows: readonly Rows[N][]; readonly next?: string }>;
}

/** Where work goes that cannot succeed until somebody mends something. It is counted, kept and can be sent back. */
export interface Park {
  /**
   * @param group What the work is kept in order with: it is sent back among its own, and holds up nobody else's.
   * @throws KeywrightError `queue.not-sent` (retry).
   */
  park(body: string, reason: Readonly<Record<string, unknown>>, group?: string): Promise<void>;
}

/** Lets time pass between two looks at the same thing. */
export interface Pause {
  wait(ms: number): Promise<void>;
}
