/** From what we saw of a key ourselves to one verdict with one cause. A table, read from the top: the first row that fits. */
import type { Availability, Party } from '../../../events/fields';
import type { ErrorCode } from '../errors';
import { lossInWords } from './policy/loss-in-words';
import type { Cause, LostAction, Verdict } from './verdict';
import { blameFor, type Refused, wordsOf } from './whose-refusal';

/** What one look at a key found, and how it was made. */
export interface Evidence extends Pick<Refused, 'via' | 'heldBy' | 'refusedBy' | 'isExplicit'> {
  /** How unwrapping the canary ended: `ok`, or the code of the error. */
  readonly unwrap: 'ok' | ErrorCode;
  /** KMS's own state of the key, or the code of the error that kept us from reading it. */
  readonly keyState: string;
  readonly deletionDate?: string;
  /** What the key's policy no longer allows of all that we need, as far as we could read it. */
  readonly lost?: readonly LostAction[];
}

interface Row {
  readonly when: Partial<Record<'unwrap' | 'keyState', string>>;
  readonly availability: Availability;
  readonly cause?: Cause;
  readonly says: string;
}

const DISABLED = { availability: 'unavailable', cause: 'key-disabled', says: 'the key is disabled' } as const;
const PENDING_DELETION = {
  availability: 'unavailable',
  cause: 'key-pending-deletion',
  says: 'the key is scheduled for deletion and cannot be used while it waits',
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
    says: 'KMS cannot reach the key at the moment',
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
];

/** Whose policy refused is told apart in refusal.ts. */
const REFUSALS: Partial<Record<Evidence['unwrap'], Refused['call']>> = {
  'kms.access-denied': 'kms',
  'sts.role-refused': 'assume-role',
};

export interface Finding {
  readonly availability: Availability;
  readonly cause?: Cause;
  /** Whose act a loss is: a key's state is set by whoever holds it. */
  readonly party?: Party;
  readonly says: string;
  readonly lost?: readonly LostAction[];
}

/** The one finding that the evidence comes to: the first row of the table that fits, else `unknown`. */
export function findingOf(evidence: Evidence): Finding {
  const row = TABLE.find(({ when }) =>
    Object.entries(when).every(([name, value]) => evidence[name as 'unwrap' | 'keyState'] === value),
  );
  const call = REFUSALS[evidence.unwrap];
  const { lost = [] } = evidence;
  if (row) {
    const { when: _, ...finding } = row;
    if (finding.availability === 'available' && lost.length > 0) {
      const says = `${finding.says}, but ${lossInWords(lost)}`;
      return { availability: 'at-risk', cause: 'key-policy', party: evidence.heldBy, says, lost };
    }
    return finding.availability === 'unavailable' ? { ...finding, party: evidence.heldBy } : finding;
  }
  if (call) {
    const refused = { ...evidence, call };
    const says = wordsOf(refused);
    const isByPolicy = call === 'kms' && lost.some(({ action }) => action === 'kms:Decrypt');
    if (!isByPolicy) return { ...blameFor(refused), says };
    // Where AWS names no policy, we have read the one that refuses.
    const refusedBy = evidence.refusedBy === 'unknown' ? 'resource' : evidence.refusedBy;
    return { ...blameFor({ ...refused, refusedBy }), says: `${says}; ${lossInWords(lost)}` };
  }
  return { availability: 'unknown', cause: 'unconfirmed', says: `the call failed with ${evidence.unwrap}` };
}

/** Whether two looks, or a look and the verdict so far, come to the same. Verdicts from before name no party. */
export const isSame = (one: Finding, other: Pick<Verdict, 'availability' | 'cause' | 'party' | 'lost'>): boolean =>
  one.availability === other.availability &&
  one.cause === other.cause &&
  actionsIn(one.lost) === actionsIn(other.lost) &&
  (other.party === undefined || one.party === other.party);

const actionsIn = (lost: readonly LostAction[] = []): string => lost.map(({ action }) => action).join();
