/** What the domain needs of the world. Every implementation passes the contract suite of its port in `test/contract`. */
import type { Fact } from '../../events/define-event';
import type { DataStoreName } from './customers/customer';
import type { DataKey, DataKeyName } from './keys/data-key';
import type { KeyRef } from './keys/kms-key';
import type { QuotaUse } from './reencryption/quota/kms-quota';
import type { Identity, IdentityProof } from './retirement/identity';
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

// ---- the control table ----------------------------------------------------------------------------------------------

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
   * @param leftOut Told the key, with its entity type, of what was found among them and is no such row. Some thousands
   *   hide nothing.
   */
  due<N extends DueEntityType>(
    entityType: N,
    now: string,
    limit: number,
    leftOut?: (key: string) => void,
  ): Promise<readonly Rows[N][]>;

  /**
   * A page of every row of a noun that has a `dueAt`. Eventually consistent. A row that is not changed meanwhile is in exactly one page;
   * one whose `dueAt` changes may be in two, or in none.
   */
  page<N extends DueEntityType>(
    entityType: N,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly rows: readonly Rows[N][]; readonly next?: string }>;
}

// ---- the data-key table ---------------------------------------------------------------------------------------------

/** Where a data key is wrapped: the index that answers "what is still under the old key?". */
export interface Wrapping {
  readonly kmsKeyArn: string;
  readonly keyMaterialId: string;
}

/**
 * A data key goes by the name that its row is kept under, whatever the row says of itself. Whoever is to protect or read
 * data with it is refused a row that says another name; whoever works through many is given it under the name it is kept
 * under, counts it, and has KMS find that it does not belong there.
 */
export interface DataKeyStore {
  /**
   * For use. Strongly consistent.
   *
   * @throws KeywrightError `store.row-misplaced` when the row kept there says that it is another one.
   */
  find(name: DataKeyName): Promise<DataKey | undefined>;
  /**
   * Those of the named data keys that exist and can be replaced, in any order. Strongly consistent. At most `BATCH_MAX`
   * names, none twice.
   */
  findAll(names: readonly DataKeyName[]): Promise<readonly DataKey[]>;
  /**
   * For use: the newest data key of a data store, the one for new data. Strongly consistent; undefined when there is none.
   *
   * @throws KeywrightError `store.row-misplaced` as `find` does.
   */
  newest(customerId: string, dataStoreId: string): Promise<DataKey | undefined>;
  /**
   * Stores a new data key, if its data store names the KMS key that it is wrapped under: so nothing begins to depend on
   * a key that is being replaced, however long the caller took.
   *
   * @throws KeywrightError `state.changed-meanwhile` (retry: read the data store again) when it names another key, or
   * when a data key of that name exists already.
   */
  create(dataKey: Omit<DataKey, 'revision'>): Promise<DataKey>;
  /**
   * Puts a data key in place of the one read, whose `revision` it carries.
   *
   * @throws KeywrightError `state.changed-meanwhile` (retry) when it was changed since it was read; `store.row-refused` when
   * this one cannot be written, as others can.
   */
  replace(dataKey: DataKey): Promise<DataKey>;
  /**
   * A page of one shard of what is wrapped so. Eventually consistent: an empty answer is a hint, `scan` is what counts.
   * `shard` is from 0 to `SHARDS` - 1. `inTable`: those alone that the table itself, read strongly consistent, has there still;
   * pages of at most `BATCH_MAX`.
   */
  underWrapping(
    wrapping: Wrapping,
    shard: number,
    page: PageOf & { readonly within?: DataStoreName; readonly inTable?: true },
  ): Promise<DataKeyPage>;
  /** How many data keys one shard of a wrapping holds, of all data stores or of one. Eventually consistent. */
  countUnder(wrapping: Wrapping, shard: number, within?: DataStoreName): Promise<number>;
  /**
   * A page of one segment of the base table, by strongly consistent reads: what is under the key, all but its material
   * `exceptKeyMaterialId`; with `evenFormerly` also what was under it before; without a key, everything. A data key that is
   * there all the while is in exactly one of the `SHARDS` segments: so that none is missed. Reads the whole table,
   * so it costs what exists; `within` a data store that one only, whatever the segment is.
   */
  scan(
    under: {
      readonly kmsKeyArn?: string;
      readonly exceptKeyMaterialId?: string;
      readonly evenFormerly?: boolean;
      readonly within?: DataStoreName;
    },
    segment: number,
    page: PageOf,
  ): Promise<DataKeyPage>;
}

export interface PageOf {
  /** At most so many data keys. */
  readonly limit: number;
  /** Where the page before this one ended. */
  readonly after?: string;
  /** Leaves out the data keys that this job has quarantined. */
  readonly exceptQuarantinedBy?: string;
}

export interface DataKeyPage {
  /** May be empty although there is a next page. */
  readonly dataKeys: readonly DataKey[];
  /** Absent: this was the last page. */
  readonly next?: string;
}

// ---- KMS ------------------------------------------------------------------------------------------------------------

/**
 * Making and moving data keys. Every call states the encryption context.
 *
 * @throws KeywrightError any code that begins with `kms.` or `sts.`.
 */
export interface DataKeyCrypto {
  /** A new data key of 32 bytes. The plaintext is for the envelope library alone. */
  generate(key: KeyRef, context: Context): Promise<{ plaintext: Uint8Array; wrapped: Uint8Array } & Wrapping>;
  /** The same without its plaintext: canaries. */
  generateWrapped(key: KeyRef, context: Context): Promise<{ wrapped: Uint8Array } & Wrapping>;
  unwrap(key: KeyRef, wrapped: Uint8Array, context: Context): Promise<{ plaintext: Uint8Array } & Wrapping>;
  /** Wraps anew inside KMS: the plaintext never leaves it. `Wrapping` is the new one. */
  reencrypt(
    from: KeyRef,
    to: KeyRef,
    wrapped: Uint8Array,
    context: Context,
  ): Promise<{ wrapped: Uint8Array } & Wrapping>;
}
export type Context = Readonly<Record<string, string>>;

/** What KMS says of a key. */
export interface KeyDescription {
  readonly kmsKeyArn: string;
  /** KMS's own state: `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable` … */
  readonly keyState: string;
  readonly keyUsage: string;
  readonly keySpec: string;
  readonly origin: string;
  readonly keyMaterialId?: string;
  readonly deletionDate?: string;
  /** When imported material expires. */
  readonly validTo?: string;
  /** Of a multi-Region key only. */
  readonly multiRegion?: 'primary' | 'replica';
}

export interface KeyMaterial {
  readonly keyMaterialId: string;
  /** When it became the current one. Absent: it is the first. */
  readonly rotatedAt?: string;
  /** Whether its rotation was asked for: it is one of the 25 that a key has for life. */
  readonly onDemand?: boolean;
}

/** What a grant gives, and to whom. */
export interface KeyGrant {
  readonly grantee: string;
  /** As KMS names them: `Decrypt`, `ReEncryptFrom`. */
  readonly operations: readonly string[];
  /** Of calls whose encryption context holds this, or is this and nothing else. */
  readonly contextSubset?: Context;
  readonly contextEquals?: Context;
}

/** A key has up to 50,000; what of them is read for one look. Source: KMS developer guide, "Resource quotas". */
export const GRANTS_MAX = 1_000;

/**
 * Looking at KMS keys. Changes nothing.
 *
 * @throws KeywrightError any code that begins with `kms.` or `sts.`.
 */
export interface KeyObserver {
  describe(key: KeyRef): Promise<KeyDescription>;
  /** `inProgress`: an on-demand rotation was asked for and is not finished. */
  rotationStatus(key: KeyRef): Promise<{
    readonly automatic: boolean;
    readonly periodDays?: number;
    readonly inProgress: boolean;
  }>;
  /** Materials from oldest to newest, the current one last. Same account only. */
  materials(key: KeyRef): Promise<readonly KeyMaterial[]>;
  /** Material that was imported and waits for a rotation to become the current one; undefined when none does. Same account only. */
  waitingMaterial(key: KeyRef): Promise<string | undefined>;
  /** The policy document as text. Same account only. */
  policy(key: KeyRef): Promise<string>;
  /**
   * The grants of the key, but for those of AWS services and for their resources: no call of ours is under one.
   *
   * @throws KeywrightError also `kms.limit-exceeded`: there are more than `GRANTS_MAX`.
   */
  grants(key: KeyRef): Promise<readonly KeyGrant[]>;
  /** When the key was last used with success, and since when KMS has been looking. Same account only. */
  lastUse(key: KeyRef): Promise<{ readonly usedAt?: string; readonly since?: string }>;
}

/**
 * Changing KMS keys of our own accounts. Quota: about 5 calls a second each.
 *
 * @throws KeywrightError any code that begins with `kms.`.
 */
export interface KeyAdministrator {
  /** Safe to repeat. */
  enableAutomaticRotation(key: KeyRef, periodDays: number): Promise<void>;
  /**
   * Starts a rotation; KMS finishes it later. NOT safe to repeat: each call spends one of the 25 that a key has for life.
   *
   * @throws KeywrightError `kms.conflict` (retry) while an automatic rotation runs or is due within 20 minutes.
   */
  rotateOnDemand(key: KeyRef): Promise<void>;
  /**
   * A key like the given one: same policy, description and usage, tagged with `token`. Safe to repeat: the key that
   * already has the token's alias is given back.
   */
  createReplacement(key: KeyRef, token: string): Promise<KeyDescription>;
  /** Points the alias at the key. Safe to repeat. */
  moveAlias(alias: string, to: KeyRef): Promise<void>;
  /** Safe to repeat. */
  disable(key: KeyRef): Promise<void>;
  enable(key: KeyRef): Promise<void>;
  /** Safe to repeat: a key that is already pending deletion keeps its date. @returns the date. */
  scheduleDeletion(key: KeyRef, waitingDays: number): Promise<string>;
  cancelDeletion(key: KeyRef): Promise<void>;
}

/** Keeps re-encryption to what live calls leave over of the KMS request quota. */
export interface RateLimiter {
  /**
   * Sends a request when its turn has come, and learns from how it went. What KMS refused because of the quota or did not
   * answer is sent again, a few times, each when its turn has come. Throws what the request throws.
   *
   * @throws KeywrightError `quota.none-left` (retry, later): so little is left that waiting for a turn is no use;
   *   `store.unreachable`, `state.changed-meanwhile` (retry).
   */
  run<Answer>(use: QuotaUse, request: () => Promise<Answer>): Promise<Answer>;
}

/** Requests that applications sent to KMS and that counted against one quota, as they report them. Since ever: it only grows. */
export interface LiveCount {
  readonly calls: number;
  /** Those that KMS refused because of the quota. */
  readonly throttled: number;
  /** What all answers took together. */
  readonly latencyMs: number;
  readonly reportedAtMs: number;
}

/** What applications ask of KMS besides us. */
export interface LiveTraffic {
  /** Undefined when nobody reported lately, or something that makes no sense. */
  count(quotaId: string): Promise<LiveCount | undefined>;
  /** Adds what one process sent since its last report. Not safe to repeat: a repeat counts again. */
  report(quotaId: string, more: Omit<LiveCount, 'reportedAtMs'>): Promise<void>;
}

// ---- who asks -------------------------------------------------------------------------------------------------------

export interface IdentityVerifier {
  /**
   * Who signed this statement, as AWS tells it. Changes nothing; safe to repeat.
   *
   * @param statement 64 hex characters.
   * @throws KeywrightError `identity.refused`: nobody whom AWS knows has signed it so; `sts.unreachable` (retry).
   */
  verify(proof: IdentityProof, statement: string): Promise<Identity>;
}

// ---- telling others -------------------------------------------------------------------------------------------------

/** A fact on its way out, with its detail as it was committed: the text of a JSON object. */
export interface OutgoingFact {
  readonly factId: string;
  readonly detailType: string;
  readonly detail: string;
}

/** Why a fact was not taken, and whether the same fact may be taken later. */
export interface Refusal {
  readonly reason: string;
  readonly retry: boolean;
}

export interface FactPublisher {
  /**
   * Publishes facts on the bus. Delivery is at least once. A fact that is refused keeps none of the others.
   *
   * @returns what was refused or not reached, by fact id.
   */
  publish(facts: readonly OutgoingFact[]): Promise<ReadonlyMap<string, Refusal>>;
}

/** A fact as it lies in the outbox. What is not there, or is no text, is undefined. */
export interface OutboxRow {
  readonly factId: string;
  readonly detailType: string | undefined;
  readonly detail: string | undefined;
}

/**
 * The outbox as those see it who publish from it. Every note is safe to repeat, and changes nothing once a fact is out or parked.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export interface Outbox {
  /**
   * Facts that are not out although they should be, the longest due first, at most `limit`. Eventually consistent.
   *
   * @param leftOut Told the key of what was found among them and is no row of the outbox. Some thousands hide nothing.
   */
  due(now: string, limit: number, leftOut?: (key: string) => void): Promise<readonly OutboxRow[]>;
  /** The fact is out. */
  published(factId: string): Promise<void>;
  /** The fact can never be published: it is kept, with the reason, until a person has seen to it. */
  parked(factId: string, reason: string): Promise<void>;
  /** The fact was refused, and is due again at that instant. */
  postponed(factId: string, dueAt: string): Promise<void>;
}

export interface Pager {
  /**
   * pages on-call. Repeats with the same `incidentId` belong together.
   *
   * @throws KeywrightError `page.not-sent` (retry).
   */
  page(page: { readonly incidentId: string; readonly subject: string; readonly body: string }): Promise<void>;
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
