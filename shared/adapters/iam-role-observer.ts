/**
 * Reading customers' roles. IAM is global: whatever region a client has, the SDK asks the endpoint of its partition, signed for the region
 * that this has IAM in (us-east-1, cn-north-1, us-gov-west-1). Source: `endpointRuleSet` of @aws-sdk/client-iam.
 */
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  type IAMClientConfig,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import type { STSClient } from '@aws-sdk/client-sts';
import { hasCode } from '../domain/errors';
import type { KeyRef } from '../domain/keys/kms-key';
import { ROLE_POLICIES_MAX, type RoleObserver, type RolePolicy } from '../domain/keys/role-observer';
import { askIam } from './iam-errors';
import { regionOf } from './kms-clients';
import { sessionOf } from './role-session';

/** By sessions of the role that looks, one for each question: it is asked where something was refused, and not else. */
export function iamRoleObserver(sts: Pick<STSClient, 'send'>, config: IAMClientConfig = {}): RoleObserver {
  const reading = (by: KeyRef, roleArn: string): Reading => {
    const { access } = by;
    const credentials = access.via === 'role' ? { credentials: () => sessionOf(access, by, sts) } : {};
    const client = new IAMClient({ ...config, ...credentials, region: regionOf(by) });
    return { client, roleArn, RoleName: nameIn(roleArn) };
  };
  return {
    async trustPolicy(by, roleArn) {
      const role = await roleOf(reading(by, roleArn));
      return role && decoded(role.AssumeRolePolicyDocument);
    },

    async policies(by, roleArn) {
      const on = reading(by, roleArn);
      const [role, inline, attached] = await Promise.all([roleOf(on), inlineNames(on), attachedArns(on)]);
      if (!role || !inline || !attached) return undefined;
      const boundary = role.PermissionsBoundary?.PermissionsBoundaryArn;
      const names = [...(boundary === undefined ? [] : [boundary]), ...inline, ...attached];
      return Promise.all(
        names.map(async (name, at): Promise<RolePolicy> => {
          const text = at < ROLE_POLICIES_MAX ? await documentOf(on, name) : undefined;
          return {
            name,
            ...(text !== undefined && { text }),
            ...(name === boundary && at === 0 && { isBoundary: true }),
          };
        }),
      );
    },
  };
}

interface Reading {
  readonly client: IAMClient;
  readonly roleArn: string;
  readonly RoleName: string;
}

async function roleOf({ client, roleArn, RoleName }: Reading) {
  const answer = await askIam('GetRole', roleArn, () => client.send(new GetRoleCommand({ RoleName })));
  return answer?.Role;
}

/** One page is more than a role can have; what IAM keeps back all the same is a policy that nobody could read. */
const PAGE = { MaxItems: 1000 };
const KEPT_BACK = 'policies that IAM did not list';
const keptBack = (isTruncated: boolean | undefined): readonly string[] => (isTruncated ? [KEPT_BACK] : []);

async function inlineNames({ client, roleArn, RoleName }: Reading): Promise<readonly string[] | undefined> {
  const request = new ListRolePoliciesCommand({ RoleName, ...PAGE });
  const answer = await askIam('ListRolePolicies', roleArn, () => client.send(request));
  return answer && [...(answer.PolicyNames ?? []), ...keptBack(answer.IsTruncated)];
}

async function attachedArns({ client, roleArn, RoleName }: Reading): Promise<readonly string[] | undefined> {
  const request = new ListAttachedRolePoliciesCommand({ RoleName, ...PAGE });
  const answer = await askIam('ListAttachedRolePolicies', roleArn, () => client.send(request));
  const arns = answer?.AttachedPolicies?.flatMap(({ PolicyArn }) => PolicyArn ?? []);
  return answer && [...(arns ?? []), ...keptBack(answer.IsTruncated)];
}

/** Undefined where we may not read it, or it was taken away meanwhile. */
async function documentOf(on: Reading, name: string): Promise<string | undefined> {
  try {
    return await (name.startsWith('arn:') ? managedDocument(on, name) : inlineDocument(on, name));
  } catch (error) {
    if (hasCode(error, 'iam.refused')) return undefined;
    throw error;
  }
}

async function inlineDocument({ client, roleArn, RoleName }: Reading, PolicyName: string) {
  if (PolicyName === KEPT_BACK) return undefined;
  const request = new GetRolePolicyCommand({ RoleName, PolicyName });
  const answer = await askIam('GetRolePolicy', roleArn, () => client.send(request));
  return answer && decoded(answer.PolicyDocument);
}

async function managedDocument({ client, roleArn }: Reading, PolicyArn: string) {
  const policy = await askIam('GetPolicy', roleArn, () => client.send(new GetPolicyCommand({ PolicyArn })));
  const VersionId = policy?.Policy?.DefaultVersionId;
  if (VersionId === undefined) return undefined;
  const request = new GetPolicyVersionCommand({ PolicyArn, VersionId });
  const answer = await askIam('GetPolicyVersion', roleArn, () => client.send(request));
  return answer && decoded(answer.PolicyVersion?.Document);
}

/** `arn:aws:iam::ID:role/PATH/NAME` */
const nameIn = (roleArn: string): string => roleArn.split('/').at(-1) ?? '';

/** Documents come encoded by RFC 3986. Source: IAM API reference, GetRole. One that is not is given as it is. */
function decoded(document = ''): string {
  try {
    return decodeURIComponent(document);
  } catch {
    return document;
  }
}
