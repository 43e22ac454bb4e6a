/** A service that acts under a role: EventBridge when it forwards to a bus, Scheduler whenever it reaches a target. */
import { AwsError, type Principal } from '../call';
import type { Iam, Role } from '../contracts';

/** @throws AwsError FAILED_TO_ASSUME_ROLE when there is no such role or it does not trust the service. */
export function actingAs(iam: Iam, roleArn: string, service: string): Principal {
  const role = iam.roleOf(roleArn);
  if (role === undefined || !trusts(iam, role, service)) {
    throw new AwsError('FAILED_TO_ASSUME_ROLE', `${service} cannot assume the role ${roleArn}.`);
  }
  const { arn, name, accountId, principalId } = role;
  const session = service.split('.')[0] ?? '';
  return {
    type: 'AssumedRole',
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${session}`,
    principalId: `${principalId}:${session}`,
    role: { arn, name, principalId },
  };
}

function trusts(iam: Iam, role: Role, service: string): boolean {
  const caller: Principal = { type: 'AWSService', accountId: '', arn: service, principalId: service };
  const permission = { action: 'sts:AssumeRole', resource: role.arn, resourceAccountId: role.accountId };
  return iam.resourceEffect(role.trustPolicy, caller, permission).effect === 'allow';
}
