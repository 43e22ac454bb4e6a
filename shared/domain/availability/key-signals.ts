/**
 * Which records hint that a key's availability changed. A hint makes `assess-key` look; it is never believed by itself.
 *
 * Source: AWS KMS Developer Guide, "Key states of AWS KMS keys", and the CloudTrail pages of the operations.
 */
import type { RoleChange } from '../../../events/cloudtrail-iam-record';
import type { KeySignalReceived } from '../../../events/key-signal-received';
import type { KeyUse } from '../../../events/kms-key-use';
import { defined } from '../optional-fields';
import { actOf, type KeyAct } from './key-acts';

export interface Signal {
  readonly signal: KeySignalReceived['signal'];
  /** The operation that changed something: the next may undo what it did, and each is a signal of its own. */
  readonly change?: string;
  /** What was observed, in a sentence for a person. */
  readonly observed: string;
  /** Of a change, where its record says who made it. */
  readonly act?: KeyAct;
}

/** Changes after which a key, or our access to it, may be gone or back; made by a person or by KMS itself. */
const CHANGES: ReadonlySet<string> = new Set([
  'CancelKeyDeletion',
  'CreateGrant',
  'DeleteExpiredKeyMaterial',
  'DeleteImportedKeyMaterial',
  'DeleteKey',
  'DisableKey',
  'EnableKey',
  'ImportKeyMaterial',
  'PutKeyPolicy',
  'RetireGrant',
  'RevokeGrant',
  'ScheduleKeyDeletion',
  'TagResource',
  'UntagResource',
]);

/** CloudTrail writes `AccessDenied` where the SDK throws `AccessDeniedException`: both have been seen. */
const FAILURES: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'DisabledException',
  'KMSInvalidStateException',
  'NotFoundException',
]);

export interface Own {
  readonly ownAccountId: string;
  /** The roles of `assess-key` and `probe-keys`: a look that made the next one necessary would never be the last. */
  readonly lookingRoles: ReadonlySet<string>;
}

/**
 * The signal in a record, if there is one.
 *
 * Only our own calls say whether we can use a key, and only our own trail says so of them. What we call to find out is
 * told by its caller alone: a refusal need not carry a context, and anybody can write the canary's into a call.
 */
export function signalOf(use: KeyUse, own: Own): Signal | undefined {
  // A write that failed is recorded too, and changed nothing.
  if (CHANGES.has(use.operation) && use.outcome === 'ok') {
    const observed = `${use.operation} in account ${use.recipientAccountId}`;
    return { signal: 'customer-event', change: use.operation, observed, ...defined({ act: actOf(use) }) };
  }
  if (use.kind !== 'crypto-use' || !isOwn(use, own)) return undefined;
  if (use.errorCode !== undefined && FAILURES.has(use.errorCode)) {
    return { signal: 'own-failure', observed: `${use.operation} failed: ${use.errorCode}` };
  }
  return undefined;
}

/** The signal in a change of the role by which keys are reached: what it is to us the look finds out. */
export function signalOfRole(change: RoleChange): Signal {
  const { operation, roleName, recipientAccountId } = change;
  const observed = `${operation} of role ${roleName} in account ${recipientAccountId}`;
  return { signal: 'customer-event', change: operation, observed, ...defined({ act: actOf(change) }) };
}

/**
 * Whether the record proves that applications are served: a use that worked, under our context, by a role of our account that does
 * not look at keys. AWS services that call for somebody come in by grants of their own, and dry runs do nothing.
 */
export function isServed(use: KeyUse, own: Own): boolean {
  const isUnderOurContext = use.keys.some(({ encryptionContext }) => encryptionContext?.[CUSTOMER] !== undefined);
  return use.kind === 'crypto-use' && use.outcome === 'ok' && isUnderOurContext && isOwn(use, own);
}

const CUSTOMER = 'keywright:customerId';

function isOwn({ callerAccountId, callerRole, recipientAccountId }: KeyUse, { ownAccountId, lookingRoles }: Own) {
  if (callerAccountId !== ownAccountId || recipientAccountId !== ownAccountId) return false;
  return callerRole === undefined || !lookingRoles.has(callerRole);
}
