/** What the domain needs of KMS keys and of the data keys that they wrap. */
import type { DataStoreName } from '../customers/customer';
import type { DataKey, DataKeyName } from './data-key';
import type { KeyRef } from './kms-key';

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

/**
 * Finding out whether KMS lets us do something, without doing it. Changes nothing, and safe to repeat. What it proves holds for
 * the role that asks: others that use the key have policies of their own.
 *
 * @throws KeywrightError as doing it would: any code that begins with `kms.` or `sts.`. Its details name as `action` which IAM
 *   action was refused, where KMS says so.
 */
export interface KeyProver {
  /** Whether KMS would make a data key. */
  proveGenerate(key: KeyRef, context: Context): Promise<void>;
  /** Whether KMS would wrap the data key anew under the same key: it asks for both sides of `ReEncrypt`. */
  proveReencrypt(key: KeyRef, wrapped: Uint8Array, context: Context): Promise<void>;
  /**
   * Whether the role by which the key is reached lets us in anew: sessions that began before go on for an hour at most. A key that is
   * reached by its policy has none. @throws KeywrightError `sts.role-refused`, `sts.unreachable` (retry).
   */
  proveRole(key: KeyRef): Promise<void>;
}

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
  /** When the first of its imported materials expires. */
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
  /** It was imported, and is there no more: deleted, or expired. */
  readonly isMissing?: boolean;
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
  /** When the key was last used with success, and since when KMS has been looking. Same account only. */
  lastUse(key: KeyRef): Promise<{ readonly usedAt?: string; readonly since?: string }>;
  /**
   * The grants of the key, but for those of AWS services and for their resources: no call of ours is under one.
   *
   * @throws KeywrightError also `kms.limit-exceeded`: there are more than `GRANTS_MAX`.
   */
  grants(key: KeyRef): Promise<readonly KeyGrant[]>;
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
  /** Puts this document in place of the key's policy. Safe to repeat. */
  setPolicy(key: KeyRef, document: string): Promise<void>;
}
