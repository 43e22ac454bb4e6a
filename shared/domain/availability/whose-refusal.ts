/**
 * Who refused us. AWS says at most which kind of policy did; whose policy that is follows from the way by which we asked:
 * policies of the caller belong to the caller's account, policies of what is called to the account that holds it.
 */
import type { Availability, Party } from '../../../events/fields';
import type { ErrorDetails } from '../errors';
import type { KeyAccess } from '../keys/kms-key';
import type { Cause } from './verdict';

/** The kinds of policy that AWS decides by, and on which side of a call each stands. `unknown`: AWS named none. */
const SIDES = {
  identity: 'caller',
  session: 'caller',
  boundary: 'caller',
  'service-control': 'caller',
  /** A key policy, a grant, or the trust policy of a role. */
  resource: 'called',
  'resource-control': 'called',
  'vpc-endpoint': 'endpoint',
  unknown: 'unstated',
} as const;
export type PolicyKind = keyof typeof SIDES;

/** What AWS's text told of a refusal: what adapters put into the details of an error. */
export type Refusal = {
  readonly refusedBy: PolicyKind;
  /** A policy denies the call in so many words; otherwise none allows it. */
  readonly isExplicit: boolean;
};

/** The call that was refused, and by whom it was made. */
type Asking = 'kms-by-our-role' | 'kms-by-their-role' | 'assume-role';

interface Blame {
  readonly availability: Availability;
  readonly cause: Cause;
  readonly party: Party;
}

/** Our own policy keeps out whoever looks. Applications have roles of their own: theirs may be refused as well, or not. */
const OURS: Blame = { availability: 'at-risk', cause: 'own-permissions', party: 'provider' };
const KEY_POLICY: Blame = { availability: 'unavailable', cause: 'key-policy', party: 'customer' };
const ROLE_PERMISSIONS: Blame = { availability: 'unavailable', cause: 'role-permissions', party: 'customer' };
const ROLE_REFUSED: Blame = { availability: 'unavailable', cause: 'role-refused', party: 'customer' };
const UNSTATED: Blame = { availability: 'unavailable', cause: 'access-denied', party: 'unknown' };

/** Of a key that the customer holds. The endpoint that a call leaves by is ours in every case. */
const BLAME: Record<Asking, Record<(typeof SIDES)[PolicyKind], Blame>> = {
  'kms-by-our-role': { caller: OURS, called: KEY_POLICY, endpoint: OURS, unstated: UNSTATED },
  'kms-by-their-role': { caller: ROLE_PERMISSIONS, called: KEY_POLICY, endpoint: OURS, unstated: UNSTATED },
  'assume-role': {
    caller: OURS,
    called: ROLE_REFUSED,
    endpoint: OURS,
    unstated: { ...ROLE_REFUSED, party: 'unknown' },
  },
};

export interface Refused extends Refusal {
  readonly call: 'kms' | 'assume-role';
  readonly via: KeyAccess['via'];
  readonly heldBy: 'customer' | 'provider';
}

/** What a refusal comes to, its cause, and whose act it is. With a key of ours both sides of the call are ours. */
export function blameFor({ refusedBy, call, via, heldBy }: Refused): Blame {
  if (heldBy === 'provider') return OURS;
  const byRole = via === 'role' ? 'kms-by-their-role' : 'kms-by-our-role';
  return BLAME[call === 'kms' ? byRole : 'assume-role'][SIDES[refusedBy]];
}

/** What an adapter told of a refusal; a kind of policy that nobody knows counts as none. */
export function refusalIn({ refusedBy, isExplicit }: ErrorDetails): Refusal {
  return { refusedBy: isKind(refusedBy) ? refusedBy : 'unknown', isExplicit: isExplicit === true };
}

const isKind = (value: ErrorDetails[string]): value is PolicyKind =>
  typeof value === 'string' && Object.hasOwn(SIDES, value);

const WORDS: Record<PolicyKind, string> = {
  identity: 'identity-based policy',
  session: 'session policy',
  boundary: 'permissions boundary',
  'service-control': 'service control policy',
  resource: 'resource-based policy',
  'resource-control': 'resource control policy',
  'vpc-endpoint': 'VPC endpoint policy',
  unknown: '',
};

/** The refusal in a sentence for a person: nothing in it that AWS did not say. */
export function wordsOf({ refusedBy, isExplicit, call }: Pick<Refused, 'refusedBy' | 'isExplicit' | 'call'>): string {
  const refused = `${call === 'kms' ? 'KMS' : 'STS'} refused the call`;
  if (refusedBy === 'unknown') return `${refused} and did not say by which policy`;
  const policy = WORDS[refusedBy];
  return isExplicit ? `${refused}: an explicit deny, ${policy}` : `${refused}: no ${policy} allows it`;
}
