/**
 * Who refused us. AWS says at most which kind of policy did; whose policy that is follows from the way by which we asked:
 * policies of the caller belong to the caller's account, policies of what is called to the account that holds it.
 */
import type { Availability, Confidence, Party } from '../../../events/fields';
import type { ErrorDetails } from '../errors';
import type { KeyAccess } from '../keys/kms-key';
import type { Cause, PolicyKind } from './verdict';

/** On which side of a call each kind of policy stands. */
const SIDES = {
  identity: 'caller',
  session: 'caller',
  boundary: 'caller',
  'service-control': 'caller',
  resource: 'called',
  'resource-control': 'called',
  'vpc-endpoint': 'endpoint',
  unknown: 'unstated',
} as const satisfies Record<PolicyKind, string>;

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
  readonly confidence: Confidence;
}

/** Our own policy keeps out whoever looks. Applications have roles of their own: theirs may be refused as well, or not. */
const ours = (cause: Cause): Blame => ({ availability: 'at-risk', cause, party: 'provider', confidence: 'confirmed' });
const theirs = (cause: Cause): Blame => ({
  availability: 'unavailable',
  cause,
  party: 'customer',
  confidence: 'confirmed',
});
const unstated = (cause: Cause): Blame => ({ ...theirs(cause), party: 'unknown', confidence: 'unknown' });

/** Of a key that the customer holds. The endpoint that a call leaves by is ours in every case. */
const BLAME: Record<Asking, Record<(typeof SIDES)[PolicyKind], Blame>> = {
  'kms-by-our-role': {
    caller: ours('own-permissions'),
    called: theirs('key-policy'),
    endpoint: ours('own-endpoint-policy'),
    unstated: unstated('access-denied'),
  },
  'kms-by-their-role': {
    caller: theirs('role-permissions'),
    called: theirs('key-policy'),
    endpoint: ours('own-endpoint-policy'),
    unstated: unstated('access-denied'),
  },
  // Whether the role is gone, or its trust policy or the external id refuses us, STS does not tell.
  'assume-role': {
    caller: ours('own-permissions'),
    called: theirs('role-refused'),
    endpoint: ours('own-endpoint-policy'),
    unstated: unstated('role-refused'),
  },
};

/** An organisation's policy is another hand than whoever set the key's, or the role's, in the account that it stands over. */
const BY_ORGANISATION: Partial<Record<PolicyKind, Record<Exclude<Party, 'unknown'>, Cause>>> = {
  'service-control': { customer: 'customer-scp', provider: 'own-scp' },
  'resource-control': { customer: 'customer-rcp', provider: 'own-permissions' },
};

export interface Refused extends Refusal {
  readonly call: 'kms' | 'assume-role';
  readonly via: KeyAccess['via'];
  readonly heldBy: 'customer' | 'provider';
}

/** What a refusal comes to, its cause, and whose act it is. With a key of ours both sides of the call are ours. */
export function blameFor(refused: Refused): Blame {
  const blame = refused.heldBy === 'provider' ? blameOfOurs(refused) : blameOfTheirs(refused);
  const cause = blame.party === 'unknown' ? undefined : BY_ORGANISATION[refused.refusedBy]?.[blame.party];
  return cause ? { ...blame, cause } : blame;
}

/** The policy of one key of ours is lost with that key; every other policy of ours is about us. */
function blameOfOurs({ refusedBy }: Refused): Blame {
  if (refusedBy === 'resource') return { ...theirs('key-policy'), party: 'provider' };
  return ours(SIDES[refusedBy] === 'endpoint' ? 'own-endpoint-policy' : 'own-permissions');
}

function blameOfTheirs({ refusedBy, call, via }: Refused): Blame {
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
