/** Which statement of a customer's role is at fault where KMS refuses what is done by it: KMS names the kind of policy, and none. */
import { type KmsKey, toObserve } from '../../keys/kms-key';
import type { RolePolicy } from '../../keys/role-observer';
import { defined } from '../../optional-fields';
import { answerOf } from '../answer';
import { type Decision, decide } from '../policy/decide';
import { readPolicy } from '../policy/document';
import { needsOf } from '../policy/needed-actions';
import { requestFor } from '../policy/our-request';
import type { LostAction, PolicyKind } from '../verdict';
import type { RolePorts } from './read-refusal';

/** Kinds of policy that belong to the role: those that its account shows. */
const OF_ROLE: ReadonlySet<PolicyKind | undefined> = new Set(['identity', 'boundary']);

/**
 * The same with the statement at fault, and the policy that it is in, wherever the role's policies tell. Reads the role where KMS refused
 * by one of its policies, and not else. Changes nothing. Never throws for an answer.
 */
export async function withRoleFaults(
  key: KmsKey,
  lost: readonly LostAction[],
  ports: RolePorts,
): Promise<readonly LostAction[]> {
  const { access, observer } = key;
  const isOfRole = lost.some(({ refusedBy }) => OF_ROLE.has(refusedBy));
  if (!isOfRole || access.via !== 'role' || !observer || observer.roleArn === access.roleArn) return lost;
  const { value: policies, error } = await answerOf(ports.roles.policies(toObserve(key), access.roleArn));
  if (error) ports.log.info('the policies of the role cannot be read', { kmsKeyArn: key.kmsKeyArn, code: error.code });
  if (!policies) return lost;
  return lost.map((one) =>
    OF_ROLE.has(one.refusedBy) ? { ...one, ...faultIn(policies, one.action, key, ports) } : one,
  );
}

type Fault = Pick<LostAction, 'statement' | 'policy'>;
type Judged = RolePolicy & { readonly decision: Decision };

/** A deny wins; then the boundary; then the nearest statement that might have allowed it, unless something may that we could not read. */
function faultIn(policies: readonly RolePolicy[], action: string, key: KmsKey, { ownAccountId }: RolePorts): Fault {
  const need = needsOf(key).find((one) => one.action === action);
  if (!need) return {};
  const request = requestFor(need, key, ownAccountId);
  const judged = policies.flatMap((policy): readonly Judged[] => {
    const read = readPolicy(policy.text ?? '');
    return 'fault' in read ? [] : [{ ...policy, decision: decide(read, request) }];
  });
  const refusing = judged.filter(({ decision }) => decision.effect === 'refused');
  const isDenying = ({ decision }: Judged) => decision.effect === 'refused' && decision.isExplicit;
  const certain = refusing.find(isDenying) ?? refusing.find(({ isBoundary }) => isBoundary);
  const isWhole = judged.length === policies.length && refusing.length === policies.length;
  const found = certain ?? (isWhole ? refusing.find(({ decision }) => decision.statement !== undefined) : undefined);
  return found ? { policy: found.name, ...defined({ statement: found.decision.statement }) } : {};
}
