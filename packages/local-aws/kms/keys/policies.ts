/** Key policies. Each key has exactly one, named `default`. */
import * as z from 'zod/mini';
import { AwsError, type Principal } from '../../call';
import * as field from '../fields';
import { policyOf } from '../grants/authorise';
import type { Kms } from '../kms';
import { operation } from '../operation';
import { useKey } from '../use-key';
import type { KmsKey } from './kms-key';

/** Source: KMS resource quotas, "Key policy document size". The API's model allows more. */
const POLICY_BYTES_MAX = 32_768;

/** The policy of a key that was created without one, in AWS's own layout: the account decides, by its IAM policies. */
export function defaultPolicy(accountId: string): string {
  return `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::${accountId}:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`;
}

export const getKeyPolicy = operation({
  readOnly: true,
  quota: 'own',
  state: 'look',
  logs: ['KeyId', 'PolicyName'],
  input: z.object({ KeyId: field.keyId, PolicyName: z._default(field.policyName, 'default') }),
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    requireDefault(request.input.PolicyName);
    return { Policy: key.policy, PolicyName: 'default' };
  },
});

export const listKeyPolicies = operation({
  readOnly: true,
  quota: 'own',
  state: 'look',
  logs: ['KeyId', 'Limit', 'Marker'],
  input: z.object({ KeyId: field.keyId, ...field.page }),
  run(kms, request) {
    useKey(kms, request, { keyId: request.input.KeyId });
    return { PolicyNames: ['default'], Truncated: false };
  },
});

export const putKeyPolicy = operation({
  readOnly: false,
  quota: 'own',
  state: 'look',
  logs: ['KeyId', 'PolicyName', 'Policy', 'BypassPolicyLockoutSafetyCheck'],
  input: z.object({
    KeyId: field.keyId,
    PolicyName: z._default(field.policyName, 'default'),
    Policy: field.policy,
    BypassPolicyLockoutSafetyCheck: z._default(z.boolean(), false),
  }),
  run(kms, request) {
    const { KeyId, PolicyName, Policy, BypassPolicyLockoutSafetyCheck: bypass } = request.input;
    const key = useKey(kms, request, { keyId: KeyId });
    requireDefault(PolicyName);
    const changed = { ...key, policy: Policy };
    requirePolicy(kms, request.call.caller, changed, bypass);
    kms.keys.save(changed);
    return undefined;
  },
});

/**
 * Refuses a policy that is none, is too long, or would not let the caller change it again.
 *
 * @throws AwsError MalformedPolicyDocumentException, LimitExceededException
 */
export function requirePolicy(kms: Kms, caller: Principal, key: KmsKey, bypassesLockoutCheck: boolean): void {
  if (Buffer.byteLength(key.policy) > POLICY_BYTES_MAX) {
    throw new AwsError('LimitExceededException', `The key policy is longer than ${POLICY_BYTES_MAX} bytes.`);
  }
  if (!isPolicy(key.policy)) throw malformed('Policy is not a valid JSON policy document with a Statement.');
  if (mayChangePolicy(kms, caller, key) || bypassesLockoutCheck || caller.type === 'AWSService') return;
  throw malformed('The new key policy will not allow you to update the key policy in the future.');
}

/** Also finds statements that cannot be evaluated, which would otherwise fail every later call. */
function mayChangePolicy(kms: Kms, caller: Principal, key: KmsKey): boolean {
  const permission = { action: 'kms:PutKeyPolicy', resource: key.arn, resourceAccountId: key.accountId };
  try {
    return kms.iam.resourceEffect(policyOf(key), caller, permission).effect === 'allow';
  } catch (error) {
    if (error instanceof AwsError) throw malformed(error.message);
    throw error;
  }
}

function isPolicy(text: string): boolean {
  try {
    const policy: unknown = JSON.parse(text);
    return typeof policy === 'object' && policy !== null && 'Statement' in policy;
  } catch {
    return false;
  }
}

const malformed = (message: string) => new AwsError('MalformedPolicyDocumentException', message);

function requireDefault(policyName: string): void {
  if (policyName !== 'default') throw new AwsError('NotFoundException', 'No such policy exists');
}
