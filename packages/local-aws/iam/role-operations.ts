/** Roles, their trust policies and their inline policies. Source: IAM API reference; HTTP statuses are those of its errors. */
import { AwsError, type JsonObject } from '../call';
import type { Iam, Role } from '../contracts';
import { documentIn, encoded, noSuchEntity, type Operation, roleIn, text } from './operation';
import { isManaged, policiesOf, withoutPolicy, withPolicy } from './role-policies';
import { uniqueId } from './sessions';

const onRole = (isRead: boolean, run: Operation['run']): Operation => ({ isRead, resource: 'role', run });

const described = ({ arn, name, principalId, trustPolicy }: Role): JsonObject => ({
  Path: arn.slice(arn.indexOf('/'), arn.length - name.length),
  RoleName: name,
  RoleId: principalId,
  Arn: arn,
  AssumeRolePolicyDocument: encoded(trustPolicy),
  MaxSessionDuration: 3600,
});

/** Of one page: a role has few. */
const page = (fields: JsonObject): JsonObject => ({ ...fields, IsTruncated: false });

function inlineIn(role: Role, name: string) {
  const found = policiesOf(role).find((one) => one.name === name && !isManaged(name));
  if (found) return found;
  throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
}

function create({ caller: { accountId }, input }: Parameters<Operation['run']>[0], iam: Iam): JsonObject {
  const name = text(input, 'RoleName');
  if (iam.roleNamed(accountId, name)) {
    throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, { status: 409 });
  }
  const path = typeof input['Path'] === 'string' ? input['Path'] : '/';
  const role: Role = {
    arn: `arn:aws:iam::${accountId}:role${path}${name}`,
    name,
    accountId,
    principalId: uniqueId('AROA'),
    trustPolicy: documentIn(input, 'AssumeRolePolicyDocument'),
    policies: [],
  };
  iam.putRole(role);
  return { Role: described(role) };
}

export const roleOperations: Readonly<Record<string, Operation>> = {
  GetRole: onRole(true, (call, iam) => ({ Role: described(roleIn(call, iam)) })),

  ListRolePolicies: onRole(true, (call, iam) => {
    const names = policiesOf(roleIn(call, iam)).map(({ name }) => name);
    return page({ PolicyNames: names.filter((name) => !isManaged(name)) });
  }),

  GetRolePolicy: onRole(true, (call, iam) => {
    const role = roleIn(call, iam);
    const { name, document } = inlineIn(role, text(call.input, 'PolicyName'));
    return { RoleName: role.name, PolicyName: name, PolicyDocument: encoded(document) };
  }),

  CreateRole: onRole(false, create),

  DeleteRole: onRole(false, (call, iam) => {
    const role = roleIn(call, iam);
    if (role.policies.length > 0) {
      const message = 'Cannot delete entity, must delete or detach all of its policies first.';
      throw new AwsError('DeleteConflict', message, { status: 409 });
    }
    iam.deleteRole(role.arn);
    return {};
  }),

  UpdateAssumeRolePolicy: onRole(false, (call, iam) => {
    const role = roleIn(call, iam);
    iam.putRole({ ...role, trustPolicy: documentIn(call.input, 'PolicyDocument') });
    return {};
  }),

  PutRolePolicy: onRole(false, (call, iam) => {
    const policy = { name: text(call.input, 'PolicyName'), document: documentIn(call.input, 'PolicyDocument') };
    iam.putRole(withPolicy(roleIn(call, iam), policy));
    return {};
  }),

  DeleteRolePolicy: onRole(false, (call, iam) => {
    const role = roleIn(call, iam);
    iam.putRole(withoutPolicy(role, inlineIn(role, text(call.input, 'PolicyName')).name));
    return {};
  }),
};
