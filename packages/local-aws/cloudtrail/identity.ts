/**
 * The `userIdentity` of a record. Source: CloudTrail User Guide, "CloudTrail userIdentity element"; the reduced form of
 * an owner's copy: "CloudTrail record contents" (sharedEventID example) and a published record of a foreign Decrypt.
 */
import type { JsonObject, Principal } from '../call';

/** `sessionOpenedAt` is known for role sessions only. */
export function userIdentity(caller: Principal, sessionOpenedAt: number | undefined): JsonObject {
  if (caller.type === 'AWSService') return { type: 'AWSService', invokedBy: caller.arn };
  const { type, principalId, arn, accountId, accessKeyId, role } = caller;
  const named = { type, principalId, arn, accountId, accessKeyId };
  if (role === undefined) return { ...named, userName: arn.split('/').at(-1) };
  return {
    ...named,
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId: role.principalId, arn: role.arn, accountId, userName: role.name },
      attributes: {
        ...(sessionOpenedAt !== undefined && { creationDate: toTheSecond(sessionOpenedAt) }),
        mfaAuthenticated: 'false',
      },
    },
  };
}

/** What the owner of a resource is told of a caller from another account: whose it is, not who it is. */
export function foreignIdentity({ type, arn, principalId, accountId }: Principal): JsonObject {
  return type === 'AWSService' ? { type, invokedBy: arn } : { type: 'AWSAccount', principalId, accountId };
}

/** CloudTrail writes instants to the second: `2026-01-01T00:00:00Z`. */
export function toTheSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
