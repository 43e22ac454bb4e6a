/**
 * Who may use a key: the key policy, the caller's own IAM policies, and grants. An explicit deny anywhere wins.
 *
 * A key policy that names the caller suffices inside the key's account. One that names only the account, or a caller of
 * another account, also needs that caller's IAM policies. A grant needs neither. Source: KMS developer guide, "Policy
 * evaluation", "Allowing users in other accounts to use a KMS key", "Grants".
 */
import { AwsError, type Principal } from '../../call';
import type { Iam, Permission, PolicyDocument } from '../../contracts';
import type { KmsKey } from '../keys/kms-key';
import type { Grant } from './grant-repository';
import { type GrantedUse, grantAllows } from './grant-rules';

export interface Access {
  readonly key: KmsKey;
  readonly permission: Permission;
  readonly grants: readonly Grant[];
  readonly use: GrantedUse;
  /** Decrypt without a KeyId: the answer does not name the key. */
  readonly keyIsFromCiphertext?: boolean | undefined;
}

/**
 * @returns the grant by which access is given, when it is by a grant.
 * @throws AwsError AccessDeniedException, saying which side refuses.
 */
export function authorise(iam: Iam, caller: Principal, access: Access): Grant | undefined {
  const { key, permission } = access;
  const byKey = iam.resourceEffect(policyOf(key), caller, permission);
  const byIdentity = caller.type === 'AWSService' ? 'none' : iam.identityEffect(caller, permission);

  if (byKey.effect === 'deny') throw accessDenied(caller, access, 'with an explicit deny in a resource-based policy');
  if (byIdentity === 'deny') throw accessDenied(caller, access, 'with an explicit deny in an identity-based policy');

  const grant = access.grants.find((candidate) => grantAllows(candidate, caller, access.use));
  if (grant) return grant;

  if (byKey.effect === 'none') throw accessDenied(caller, access, noneAllows('resource', permission));
  const isAtHome = caller.type === 'AWSService' || caller.accountId === key.accountId;
  const suffices = isAtHome && byKey.via === 'principal';
  if (!suffices && byIdentity === 'none') throw accessDenied(caller, access, noneAllows('identity', permission));
  return undefined;
}

/** An operation that AWS keeps to the key's own account, called from another one. */
export function foreignCallDenied(caller: Principal, access: Pick<Access, 'permission'>): AwsError {
  return accessDenied(caller, access, noneAllows('resource', access.permission));
}

const noneAllows = (side: 'resource' | 'identity', { action }: Permission) =>
  `because no ${side}-based policy allows the ${action} action`;

function accessDenied(
  caller: Principal,
  { permission, keyIsFromCiphertext }: Pick<Access, 'permission' | 'keyIsFromCiphertext'>,
  reason: string,
): AwsError {
  const target = keyIsFromCiphertext
    ? 'on the resource associated with this ciphertext'
    : `on resource: ${permission.resource}`;
  const text = `User: ${caller.arn} is not authorized to perform: ${permission.action} ${target} ${reason}`;
  return new AwsError('AccessDeniedException', text);
}

const parsed = new WeakMap<KmsKey, PolicyDocument>();

/** A key's row is replaced, never changed, so its policy is parsed once a row. */
export function policyOf(key: KmsKey): PolicyDocument {
  const known = parsed.get(key);
  if (known) return known;
  const policy = JSON.parse(key.policy) as PolicyDocument;
  parsed.set(key, policy);
  return policy;
}
