/** From what we saw of a key ourselves to one verdict with one cause. A table, read from the top: the first row that fits. */
import type { Availability } from '../../events/fields';
import type { ErrorCode } from './errors';
import type { Cause } from './key-watch';

/** What one look at a key found. */
export interface Evidence {
  /** How unwrapping the canary ended: `ok`, or the code of the error. */
  readonly unwrap: 'ok' | ErrorCode;
  /** For `kms.access-denied`: whose policy refused, where KMS said so. */
  readonly deniedBy?: 'identity' | 'resource';
  /** KMS's own state of the key, or the code of the error that kept us from reading it. */
  readonly keyState: string;
  readonly deletionDate?: string;
}

interface Row {
  readonly when: Partial<Record<'unwrap' | 'deniedBy' | 'keyState', string>>;
  readonly availability: Availability;
  readonly cause?: Cause;
  readonly says: string;
}

const DISABLED = { availability: 'unavailable', cause: 'key-disabled', says: 'the key is disabled' } as const;
const PENDING_DELETION = {
  availability: 'unavailable',
  cause: 'key-pending-deletion',
  says: 'the key is scheduled for deletion and can not be used while it waits',
} as const;
const MATERIAL_MISSING = {
  availability: 'unavailable',
  cause: 'key-material-missing',
  says: 'imported key material was deleted or has expired',
} as const;

/** Trouble of KMS, of the network or of our own is `unknown`, never `unavailable`: an outage is no revocation. */
const TABLE: readonly Row[] = [
  { when: { unwrap: 'ok' }, availability: 'available', says: 'a data key was unwrapped' },
  { when: { unwrap: 'kms.throttled' }, availability: 'unknown', cause: 'throttled', says: 'KMS throttles our calls' },
  { when: { unwrap: 'kms.unreachable' }, availability: 'unknown', cause: 'kms-outage', says: 'KMS does not answer' },
  { when: { unwrap: 'sts.unreachable' }, availability: 'unknown', cause: 'kms-outage', says: 'STS does not answer' },
  {
    when: { unwrap: 'kms.key-unavailable' },
    availability: 'unknown',
    cause: 'kms-outage',
    says: 'KMS can not reach the key at the moment',
  },
  // Where the policy keeps us out, the state that our observer role reads is the nearer cause.
  { when: { keyState: 'Disabled' }, ...DISABLED },
  { when: { keyState: 'PendingDeletion' }, ...PENDING_DELETION },
  { when: { keyState: 'PendingReplicaDeletion' }, ...PENDING_DELETION },
  { when: { keyState: 'PendingImport' }, ...MATERIAL_MISSING },
  { when: { unwrap: 'kms.key-disabled' }, ...DISABLED },
  { when: { unwrap: 'kms.key-pending-deletion' }, ...PENDING_DELETION },
  { when: { unwrap: 'kms.key-pending-import' }, ...MATERIAL_MISSING },
  {
    when: { unwrap: 'kms.key-store-unavailable' },
    availability: 'unavailable',
    cause: 'key-store-unavailable',
    says: 'the key store that holds the key is disconnected',
  },
  {
    when: { unwrap: 'kms.key-not-found' },
    availability: 'unavailable',
    cause: 'key-deleted',
    says: 'KMS knows no such key any more',
  },
  {
    when: { unwrap: 'kms.access-denied', deniedBy: 'identity' },
    availability: 'unknown',
    cause: 'own-permissions',
    says: 'our own role does not allow the call',
  },
  {
    when: { unwrap: 'kms.access-denied' },
    availability: 'unavailable',
    cause: 'key-policy',
    says: 'the key policy or a grant no longer lets us use the key',
  },
  {
    when: { unwrap: 'sts.role-refused' },
    availability: 'unavailable',
    cause: 'role-refused',
    says: 'the role in the customer\u2019s account no longer lets us in',
  },
];

export interface Finding {
  readonly availability: Availability;
  readonly cause?: Cause;
  readonly says: string;
}

export function findingOf(evidence: Evidence): Finding {
  const row = TABLE.find(({ when }) =>
    Object.entries(when).every(([name, value]) => evidence[name as keyof Evidence] === value),
  );
  if (!row) return { availability: 'unknown', cause: 'unconfirmed', says: `the call failed with ${evidence.unwrap}` };
  const { when: _, ...finding } = row;
  return finding;
}
