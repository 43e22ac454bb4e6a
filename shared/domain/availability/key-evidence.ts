/** From what we saw of a key ourselves to one verdict with one cause. A table, read from the top: the first row that fits. */
import type { Availability, Confidence, Party } from '../../../events/fields';
import { defined } from '../optional-fields';
import type { Answered } from './answer';
import type { MaterialLoss } from './material-loss';
import { isRefused, lossInWords, ofRole } from './policy/loss-in-words';
import type { Proof } from './prove-actions';
import { type RoleReading, readingInWords, roleCauseOf } from './role/read-refusal';
import type { Cause, LostAction, Verdict } from './verdict';
import { blameFor, type Refused, wordsOf } from './whose-refusal';

/** What one look at a key found, and how it was made. */
export interface Evidence extends Pick<Refused, 'via' | 'heldBy' | 'refusedBy' | 'isExplicit'> {
  /** How unwrapping the canaries ended: `ok` when each was, else the code of the first error. */
  readonly unwrap: Answered;
  /** No answer came at all. */
  readonly isNetwork?: boolean;
  /** KMS says that the name is none of this region or account. */
  readonly isWrongPlace?: boolean;
  /** KMS's own state of the key, or the code of the error that kept us from reading it. */
  readonly keyState: string;
  readonly deletionDate?: string;
  /** The material that the key wraps under now. */
  readonly keyMaterialId?: string;
  /** When the first of its imported materials expires, and whether that is soon. */
  readonly validTo?: string;
  readonly expiresSoon?: boolean;
  /** Of a key that waits for material to be imported. */
  readonly materialLoss?: MaterialLoss;
  /** The customer's alias of the key points at another one. */
  readonly isAliasMoved?: boolean;
  /** How each use that is not unwrapping was answered. */
  readonly proofs?: readonly Proof[];
  /** What we have no more of all that we need: by the key's policy as far as we could read it, or by a refusal. */
  readonly lost?: readonly LostAction[];
  /** What we shall lose: the role lets us in no more, and sessions that began before still work. */
  readonly roleLost?: readonly LostAction[];
  /** What the account of a role shows that STS does not let us assume. Absent: nobody can tell. */
  readonly role?: RoleReading;
  /** Acts that the key's policy denies to somebody. Absent: it was not read. */
  readonly guarded?: readonly string[];
  /** What a grant alone allows. */
  readonly granted?: readonly string[];
}

type Told = 'unwrap' | 'keyState' | 'isNetwork' | 'isWrongPlace' | 'expiresSoon' | 'isAliasMoved' | 'how';

interface Row {
  readonly when: Partial<Record<Told, string | boolean>>;
  readonly availability: Availability;
  readonly cause?: Cause;
  /** `confirmed` where it is left out of a loss, `unknown` of what we cannot tell. */
  readonly confidence?: Confidence;
  readonly says: string;
}

const lost = (cause: Cause, says: string) => ({ availability: 'unavailable', cause, says }) as const;
const untold = (cause: Cause, says: string) => ({ availability: 'unknown', cause, says }) as const;

const DISABLED = lost('key-disabled', 'the key is disabled');
const PENDING_DELETION = lost(
  'key-pending-deletion',
  'the key is scheduled for deletion and cannot be used while it waits',
);
const MATERIAL_MISSING = lost('key-material-missing', 'imported key material was deleted or has expired');

/** Trouble of KMS, of the network or of our own is `unknown`, never `unavailable`: an outage is no revocation. */
const TABLE: readonly Row[] = [
  {
    when: { unwrap: 'ok', expiresSoon: true },
    availability: 'at-risk',
    cause: 'key-material-expiring',
    says: 'a data key was unwrapped, but imported key material expires soon',
  },
  {
    when: { unwrap: 'ok', isAliasMoved: true },
    availability: 'at-risk',
    cause: 'alias-moved',
    says: 'a data key was unwrapped, but the alias of the key points at another one',
  },
  { when: { unwrap: 'ok' }, availability: 'available', says: 'a data key was unwrapped' },
  // Where a policy keeps us out, or KMS throttles or fails our calls, the state that we could read all the same is the nearer cause.
  { when: { keyState: 'Disabled' }, ...DISABLED },
  { when: { keyState: 'PendingDeletion' }, ...PENDING_DELETION },
  { when: { keyState: 'PendingReplicaDeletion' }, ...PENDING_DELETION },
  {
    when: { how: 'expired' },
    ...lost('key-material-expired', 'imported key material has expired'),
    confidence: 'likely',
  },
  {
    when: { how: 'deleted' },
    ...lost('key-material-deleted', 'imported key material was deleted'),
    confidence: 'likely',
  },
  { when: { keyState: 'PendingImport' }, ...MATERIAL_MISSING },
  { when: { unwrap: 'kms.throttled' }, ...untold('throttled', 'KMS throttles our calls') },
  { when: { unwrap: 'kms.unreachable', isNetwork: true }, ...untold('network', 'no answer of KMS reaches us') },
  { when: { unwrap: 'kms.unreachable' }, ...untold('kms-outage', 'KMS does not answer') },
  { when: { unwrap: 'sts.unreachable' }, ...untold('sts-outage', 'STS does not answer') },
  { when: { unwrap: 'kms.key-unavailable' }, ...untold('kms-outage', 'KMS cannot reach the key at the moment') },
  { when: { unwrap: 'kms.key-disabled' }, ...DISABLED },
  { when: { unwrap: 'kms.key-pending-deletion' }, ...PENDING_DELETION },
  { when: { unwrap: 'kms.key-pending-import' }, ...MATERIAL_MISSING },
  {
    when: { unwrap: 'kms.key-store-unavailable' },
    ...lost('key-store-unavailable', 'the key store that holds the key is disconnected'),
  },
  {
    when: { unwrap: 'kms.key-not-found', isWrongPlace: true },
    ...lost('wrong-region-or-account', 'KMS knows no such key in this region and account'),
  },
  { when: { unwrap: 'kms.key-not-found' }, ...lost('key-deleted', 'KMS knows no such key any more') },
];

/** Whose policy refused is told apart in whose-refusal.ts. */
const REFUSALS: Partial<Record<Evidence['unwrap'], Refused['call']>> = {
  'kms.access-denied': 'kms',
  'sts.role-refused': 'assume-role',
};

export interface Finding {
  readonly availability: Availability;
  readonly cause?: Cause;
  /** Whose act a loss is: a key's state is set by whoever holds it. */
  readonly party?: Party;
  readonly confidence?: Confidence;
  readonly says: string;
  readonly lost?: readonly LostAction[];
  /** Until when the key can be given back, where that could be read. */
  readonly recoverableUntil?: string;
}

/** The one finding that the evidence comes to: the first row of the table that fits, else `unknown`. */
export function findingOf(evidence: Evidence): Finding {
  const told = { ...evidence, how: evidence.materialLoss?.how };
  const row = TABLE.find(({ when }) => Object.entries(when).every(([name, value]) => told[name as Told] === value));
  const call = REFUSALS[evidence.unwrap];
  if (row) return found(row, evidence);
  if (call) return refused(call, evidence);
  return { ...untold('unconfirmed', `the call failed with ${evidence.unwrap}`), confidence: 'unknown' };
}

function found({ when: _, ...row }: Row, evidence: Evidence): Finding {
  const { lost: gone = [], roleLost = [], heldBy } = evidence;
  // What works no more is nearer than what will not.
  if (evidence.unwrap === 'ok' && gone.length > 0) return partOf(gone, evidence);
  if (evidence.unwrap === 'ok' && roleLost.length > 0) return notLetIn(roleLost, evidence);
  if (row.availability === 'available') return row;
  if (row.availability === 'unknown') return { confidence: 'unknown', ...row };
  const { deletionDate: recoverableUntil } = evidence;
  const says = `${row.says}${materialsIn(evidence)}`;
  return { confidence: 'confirmed', ...row, party: heldBy, says, ...defined({ recoverableUntil }) };
}

/** The key serves, and not all that we need. */
function partOf(gone: readonly LostAction[], evidence: Evidence): Finding {
  const says = `a data key was unwrapped, but ${lossInWords(gone)}`;
  const byPolicy = gone.filter((one) => !isRefused(one));
  const blame = byPolicy.length > 0 ? blameOfPolicy(byPolicy, evidence) : blameOfRefusals(gone, evidence);
  return { ...blame, availability: 'at-risk', says, lost: gone };
}

/** The key serves for as long as sessions last that began before. */
function notLetIn(gone: readonly LostAction[], evidence: Evidence): Finding {
  const { refusedBy = 'unknown', isExplicit = false } = gone[0] ?? {};
  const refusal = { ...evidence, refusedBy, isExplicit, call: 'assume-role' } as const;
  const says = `a data key was unwrapped in a session that began before, but ${notAssumed(refusal, evidence)}`;
  return { ...blameForRole(refusal, evidence), availability: 'at-risk', says, lost: gone };
}

/** STS does not tell a role that is gone from one that refuses: the role's account does. */
function blameForRole(refusal: Refused, { role }: Evidence) {
  const blame = blameFor(refusal);
  const cause = roleCauseOf(role);
  if (blame.cause !== 'role-refused' || cause === 'role-refused') return blame;
  return { ...blame, cause, party: 'customer', confidence: 'confirmed' } as const;
}

const notAssumed = (refusal: Refused, { role }: Evidence): string =>
  [wordsOf(refusal), ...(role ? [readingInWords(role)] : [])].join('; ');

const blameOfPolicy = (gone: readonly LostAction[], { heldBy }: Evidence) =>
  ({ cause: policyCause(gone), party: heldBy, confidence: 'confirmed' }) as const;

/** A policy that lets us in under conditions, or by a grant, is at fault by that. */
function policyCause(gone: readonly LostAction[]): Cause {
  if (gone.every(({ by }) => by === 'grant')) return 'grant-gone';
  return gone.every(({ by }) => by === 'context') ? 'context-refused' : 'key-policy';
}

/** Of some uses that KMS refuses and does not say by which policy, no more is known than which they are. */
function blameOfRefusals([first]: readonly LostAction[], evidence: Evidence) {
  const { refusedBy = 'unknown', isExplicit = false } = first ?? {};
  const blame = blameFor({ ...evidence, refusedBy, isExplicit, call: 'kms' });
  return refusedBy === 'unknown' ? { ...blame, cause: 'partial-loss' as const } : blame;
}

function refused(call: Refused['call'], evidence: Evidence): Finding {
  const refusal = { ...evidence, call };
  if (call === 'assume-role') return { ...blameForRole(refusal, evidence), says: notAssumed(refusal, evidence) };
  const unwrapping = (evidence.lost ?? []).filter(({ action }) => action === 'kms:Decrypt');
  const explained = unwrapping.filter((one) => !isRefused(one));
  const says = [wordsOf(refusal), ...unwrapping.flatMap(ofRole)].join('; ');
  if (explained.length === 0) return { ...blameFor(refusal), says };
  // Where AWS names no policy, we have read the one that refuses.
  const isUnstated = evidence.refusedBy === 'unknown';
  const blame = blameFor({ ...refusal, ...(isUnstated && { refusedBy: 'resource' }) });
  return {
    ...blame,
    ...(blame.cause === 'key-policy' && { cause: policyCause(explained) }),
    ...(isUnstated && { confidence: 'likely' }),
    says: `${says}; ${lossInWords(evidence.lost ?? [])}`,
  };
}

/** Which of the key's materials it is about, where that is known. */
function materialsIn({ materialLoss }: Evidence): string {
  const ids = materialLoss?.keyMaterialIds ?? [];
  return ids.length > 0 ? ` (material ${ids.join(', ')})` : '';
}

/**
 * Whether two looks, or a look and the verdict so far, come to the same. Verdicts from before name no party. A deletion that is to come
 * at another time is another matter; a look that could not read when says nothing of it.
 */
export const isSame = (
  one: Finding,
  other: Pick<Verdict, 'availability' | 'cause' | 'party' | 'lost' | 'recoverableUntil'>,
): boolean =>
  one.availability === other.availability &&
  one.cause === other.cause &&
  actionsIn(one.lost) === actionsIn(other.lost) &&
  (one.recoverableUntil === undefined || one.recoverableUntil === other.recoverableUntil) &&
  (other.party === undefined || one.party === other.party);

const actionsIn = (lost: readonly LostAction[] = []): string => lost.map(({ action }) => action).join();
