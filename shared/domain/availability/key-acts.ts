/**
 * Who did what to a key, as the trail of their own account tells: evidence beside a verdict, and never a reason for one. It is told where
 * an act is of a kind that explains the cause, and happened before we confirmed it.
 */
import type { Party } from '../../../events/fields';
import { type KeyUse, ownerAccountOf } from '../../../events/kms-key-use';
import { later, MINUTE_MS } from '../instants';
import type { Cause } from './verdict';

/** What somebody did, in the words of CloudTrail. */
export interface KeyAct {
  /** `DisableKey` */
  readonly operation: string;
  readonly at: string;
  /** `role SecOps`: see events/caller-name.ts. */
  readonly by: string;
  /** The account of who did it, by whose own trail we know. */
  readonly accountId: string;
}

/** Calls by which a cause comes about. Of the others nobody is the author, or no call tells which policy refused. */
const CALLS: Partial<Record<Cause, readonly string[]>> = {
  'key-disabled': ['DisableKey', 'CancelKeyDeletion'],
  'key-pending-deletion': ['ScheduleKeyDeletion'],
  'key-deleted': ['ScheduleKeyDeletion'],
  'key-material-deleted': ['DeleteImportedKeyMaterial'],
  'key-material-missing': ['DeleteImportedKeyMaterial'],
  'key-policy': ['PutKeyPolicy'],
  'context-refused': ['PutKeyPolicy'],
  'grant-gone': ['RevokeGrant', 'RetireGrant'],
  'role-refused': ['UpdateAssumeRolePolicy', 'DeleteRole'],
  'role-gone': ['DeleteRole'],
  'trust-lost': ['UpdateAssumeRolePolicy', 'CreateRole'],
  'external-id-refused': ['UpdateAssumeRolePolicy', 'CreateRole'],
  'role-permissions': [
    'PutRolePolicy',
    'DeleteRolePolicy',
    'AttachRolePolicy',
    'DetachRolePolicy',
    'PutRolePermissionsBoundary',
    'DeleteRolePermissionsBoundary',
    'DeleteRole',
  ],
};
const TELLING: ReadonlySet<string> = new Set(Object.values(CALLS).flat());

/** A watch remembers so many acts, the newest: whoever calls without end is in their own account, and hides their own acts alone. */
export const ACTS_MAX = 8;

/** KMS may serve for minutes after a change: what was used since may have been lost before. Source: KMS API reference, "eventual consistency". */
const SHOWN_LATE_MS = 5 * MINUTE_MS;

/** Whether somebody does that: a cause with an author. */
export const hasAuthor = (cause: Cause): boolean => CALLS[cause] !== undefined;

/** What a record tells of a call: of a key, or of a role. */
type Called = Pick<KeyUse, 'operation' | 'at' | 'callerName' | 'callerAccountId' | 'recipientAccountId' | 'outcome'>;

/** The act in a record. Nobody is named but by the trail of their own account: a copy in another's says what its sender likes. */
export function actOf(use: Called): KeyAct | undefined {
  const { operation, at, callerName, callerAccountId, recipientAccountId, outcome } = use;
  if (outcome !== 'ok' || !TELLING.has(operation) || callerName === undefined) return undefined;
  if (callerAccountId === undefined || callerAccountId !== recipientAccountId) return undefined;
  return { operation, at, by: callerName, accountId: callerAccountId };
}

/** The acts with one more, in the order of time. Safe to repeat. */
export function withAct(acts: readonly KeyAct[] = [], act: KeyAct): readonly KeyAct[] {
  const isTooOld = acts.length === ACTS_MAX && act.at < (acts[0]?.at ?? '');
  if (isTooOld || acts.some((one) => isSameAct(one, act))) return acts;
  return [...acts, act].sort((one, other) => (one.at < other.at ? -1 : 1)).slice(-ACTS_MAX);
}

/** Whether two records tell of one act. */
export const isSameAct = (one: KeyAct, other: KeyAct): boolean =>
  one.operation === other.operation && one.at === other.at && one.by === other.by && one.accountId === other.accountId;

/** What a key's watch knows. */
interface Known {
  readonly acts?: readonly KeyAct[];
  readonly wellAt?: string;
}

/**
 * The act that led to a loss: the last of its kind before it was confirmed, and not one from before the key was last seen well. @param at
 * When the loss was confirmed.
 */
export function actBehind(cause: Cause, { acts = [], wellAt }: Known, at: string): KeyAct | undefined {
  const since = wellAt === undefined ? '' : later(wellAt, -SHOWN_LATE_MS);
  return acts.findLast((act) => CALLS[cause]?.includes(act.operation) && act.at <= at && act.at >= since);
}

interface Acted {
  readonly cause: Cause;
  readonly party?: Party;
  readonly kmsKeyArn: string;
  readonly actedBy?: KeyAct;
}

/** The act where it is the customer's own, on the key in their account: they are told of no other. */
export const customersAct = ({ party, kmsKeyArn, actedBy }: Acted): KeyAct | undefined =>
  party === 'customer' && actedBy?.accountId === ownerAccountOf(kmsKeyArn) ? actedBy : undefined;

/** `role SecOps in their account 444455556666`, for on-call. */
export function actorInWords({ by, accountId }: KeyAct, incident: Pick<Acted, 'party' | 'kmsKeyArn'>): string {
  const isOwners = accountId === ownerAccountOf(incident.kmsKeyArn);
  const whose = isOwners && incident.party === 'provider' ? 'our' : isOwners ? 'their' : undefined;
  return `${by} in ${whose === undefined ? '' : `${whose} `}account ${accountId}`;
}

/** The same for programs, in a page. */
export const actDetails = ({ by, accountId, operation, at }: KeyAct) => ({
  actor: by,
  actorAccountId: accountId,
  act: operation,
  actedAt: at,
});
