import type { Cause } from '../availability/verdict';
import type { Moves } from '../legal-moves';
import { defined } from '../optional-fields';

/** How this product uses a key and, where the customer holds it, how it reaches it. */
export type KeyAccess =
  /** The key's own policy lets our roles use it: all keys of ours, and customers' keys that name our account. */
  | { readonly via: 'key-policy' }
  /** Through a role in the customer's account that only our external id opens. */
  | { readonly via: 'role'; readonly roleArn: string; readonly externalId: string };

/** What an adapter needs to call KMS about a key. */
export interface KeyRef {
  readonly kmsKeyArn: string;
  readonly access: KeyAccess;
  /** Named in the session of a customer's role, where they see it in their own CloudTrail. */
  readonly customerId?: string;
}

/** Every state in which a KMS key can be for us. KMS has its own states: those are observed, never stored as truth. */
export type KeyState = 'active' | 'retiring' | 'disabled' | 'deletion-scheduled';

/** Deletion can be called off until KMS carries it out. What another key has replaced is never `active` again. */
export const KEY_MOVES = {
  entityType: 'kms-key',
  stateOf: ({ state }) => state,
  states: {
    active: { initial: true, next: ['retiring'] },
    retiring: { next: ['disabled'] },
    disabled: { next: ['retiring', 'deletion-scheduled'] },
    'deletion-scheduled': { next: ['retiring', 'disabled'] },
  },
} as const satisfies Moves<KmsKey, KeyState>;

export interface KmsKey extends KeyRef {
  readonly kmsKeyArn: string;
  readonly option: 'managed' | 'customer-specific' | 'customer-managed';
  /** Whose key it is. Absent for `managed`: one key serves many customers, told apart by encryption context. */
  readonly customerId?: string;
  readonly access: KeyAccess;
  /**
   * A role in the customer's account that lets us read, not use, the key: how a denial is told apart. Absent for our
   * own keys, which our functions may read anyway.
   */
  readonly observer?: { readonly roleArn: string; readonly externalId: string };
  /** The alias that applications and `replace` rotations move; absent where there is none. */
  readonly alias?: string;
  readonly state: KeyState;
  /** The material that new data keys are wrapped under, as last seen. */
  readonly keyMaterialId: string;
  /**
   * What it was before, oldest first. KMS is eventually consistent: an answer that shows one of these is late, and a
   * data key under one of these is to be wrapped anew.
   */
  readonly olderMaterialIds?: readonly string[];
  /** The key that took this one's place; set by a `replace` rotation. */
  readonly replacedBy?: string;
  /** The key whose place this one took. */
  readonly replaces?: string;
  /** The rotation that is open. While there is one, no other begins. */
  readonly openRotationId?: string;
  /** Jobs in flight that move data keys from or to this key. While there is one, the key is neither replaced nor retired. */
  readonly jobIds?: readonly string[];
  /** Backups that need it: while one is kept, the key is not retired. See `declare-backup.ts`. */
  readonly backupIds?: readonly string[];
  /** Since when nothing references it. Until it is needed again no canary is unwrapped: that would be a use, the only one. */
  readonly quietSince?: string;
  /** What the key was still needed for when its retirement was last refused. */
  readonly retirementRefused?: {
    readonly references: readonly string[];
    readonly at: string;
  };
  /** Somebody else may have used it: it is replaced, and its data keys are moved before all others. */
  readonly compromise?: { readonly compromiseId: string; readonly at: string };
  /** It was confirmed to be lost, and is not back yet: what applications know of the verdict. */
  readonly loss?: { readonly cause: Cause; readonly since: string };
  /** Data keys made before this instant are not used for new data: a key that this one took the place of may have leaked them. */
  readonly dataKeysFrom?: string;
  /** It is there to be taken away in drills: no customer’s data may come to depend on it. */
  readonly isForDrills?: true;
  /** The drill that is under way with it. While there is one, no other begins. */
  readonly openDrillId?: string;
  /** When KMS had disabled it and nothing needed it. */
  readonly retiredAt?: string;
  readonly revision: number;
}

/** Whether data may still depend on the key. What we have disabled or given up ourselves, after proof, is neither missed nor paged. */
export const isInUse = ({ state, quietSince }: KmsKey): boolean =>
  state === 'active' || (state === 'retiring' && quietSince === undefined);

/** Whether a key may protect what is that customer's: it is shared, or theirs. */
export const isFor = ({ customerId }: Pick<KmsKey, 'customerId'>, whose: string | undefined): boolean =>
  customerId === undefined || customerId === whose;

/** The key as we read it: a customer's key through the role that may read it, not through the one that uses it. */
export function toObserve(key: KmsKey): KeyRef {
  const { kmsKeyArn, customerId, observer } = key;
  const access: KeyAccess = observer ? { via: 'role', ...observer } : key.access;
  return { kmsKeyArn, access, ...defined({ customerId }) };
}
