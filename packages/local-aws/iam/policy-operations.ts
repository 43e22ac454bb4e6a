/** Managed policies, of one version each, and what is attached to roles. Source: IAM API reference. */
import { AwsError, type Call, type JsonObject } from '../call';
import type { Iam } from '../contracts';
import { documentIn, encoded, noSuchEntity, type Operation, roleIn, text } from './operation';
import { isManaged, policiesOf, withoutPolicy, withPolicy } from './role-policies';

/** A policy of local AWS has one version, and always the same. */
const VERSION = 'v1';

function documentOf({ input }: Call, iam: Iam) {
  const arn = text(input, 'PolicyArn');
  const document = iam.managedPolicyOf(arn);
  if (document) return { arn, document };
  throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}

const described = (arn: string): JsonObject => ({
  PolicyName: arn.split('/').at(-1) ?? '',
  Arn: arn,
  DefaultVersionId: VERSION,
  IsAttachable: true,
});

export const policyOperations: Readonly<Record<string, Operation>> = {
  ListAttachedRolePolicies: {
    isRead: true,
    resource: 'role',
    run(call, iam) {
      const arns = policiesOf(roleIn(call, iam)).flatMap(({ name }) => (isManaged(name) ? [name] : []));
      const attached = arns.map((arn) => ({ PolicyName: arn.split('/').at(-1) ?? '', PolicyArn: arn }));
      return { AttachedPolicies: attached, IsTruncated: false };
    },
  },

  GetPolicy: {
    isRead: true,
    resource: 'policy',
    run: (call, iam) => ({ Policy: described(documentOf(call, iam).arn) }),
  },

  GetPolicyVersion: {
    isRead: true,
    resource: 'policy',
    run(call, iam) {
      const { document } = documentOf(call, iam);
      if (text(call.input, 'VersionId') !== VERSION) throw noSuchEntity('This policy version does not exist.');
      return { PolicyVersion: { Document: encoded(document), VersionId: VERSION, IsDefaultVersion: true } };
    },
  },

  CreatePolicy: {
    isRead: false,
    resource: 'policy',
    run({ caller: { accountId }, input }, iam) {
      const arn = `arn:aws:iam::${accountId}:policy/${text(input, 'PolicyName')}`;
      if (iam.managedPolicyOf(arn)) {
        throw new AwsError('EntityAlreadyExists', `A policy called ${arn} already exists.`, { status: 409 });
      }
      iam.putManagedPolicy(arn, documentIn(input, 'PolicyDocument'));
      return { Policy: described(arn) };
    },
  },

  AttachRolePolicy: {
    isRead: false,
    resource: 'role',
    run(call, iam) {
      const { arn, document } = documentOf(call, iam);
      iam.putRole(withPolicy(roleIn(call, iam), { name: arn, document }));
      return {};
    },
  },

  DetachRolePolicy: {
    isRead: false,
    resource: 'role',
    run(call, iam) {
      const role = roleIn(call, iam);
      const arn = text(call.input, 'PolicyArn');
      if (!policiesOf(role).some(({ name }) => name === arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
      iam.putRole(withoutPolicy(role, arn));
      return {};
    },
  },
};
