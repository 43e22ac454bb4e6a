/**
 * Which records hint that a key's availability changed. A hint makes `assess-key` look; it is never believed by itself.
 *
 * Source: AWS KMS Developer Guide, "Key states of AWS KMS keys", and the CloudTrail pages of the operations.
 */
import type { KeySignalled } from '../../events/key-signalled';
import type { KeyUse } from '../../events/kms-key-use';

export interface Signal {
  readonly signal: KeySignalled['signal'];
  /** What was observed, in a sentence for a person. */
  readonly observed: string;
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

/** The signal in a record, if there is one. @param ownAccountId Only our own calls say whether we can use a key. */
export function signalOf(use: KeyUse, ownAccountId: string): Signal | undefined {
  // A write that failed is recorded too, and changed nothing.
  if (CHANGES.has(use.operation) && use.outcome === 'ok') {
    return { signal: 'customer-event', observed: `${use.operation} in account ${use.recipientAccountId}` };
  }
  const isOwnUse = use.kind === 'crypto-use' && use.callerAccountId === ownAccountId;
  if (isOwnUse && use.errorCode !== undefined && FAILURES.has(use.errorCode)) {
    return { signal: 'own-failure', observed: `${use.operation} failed: ${use.errorCode}` };
  }
  return undefined;
}
