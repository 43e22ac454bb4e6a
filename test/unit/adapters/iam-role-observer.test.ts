/** Customers' roles: in memory, and by IAM's API through the door of local AWS, where the role that looks may do no more than the kit lets it. */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import type { LocalAws } from 'local-aws/aws';
import { ACCOUNT, clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { iamRoleObserver } from '../../../shared/adapters/iam-role-observer';
import { type RolesUnderTest, roleObserverContract } from '../../contract/role-observer';
import { anArn } from '../../support/make';
import { memoryRoles } from '../../support/memory-roles';

const THEIRS = '444455556666';
const EXTERNAL_ID = 'kw-1';
const roleArnOf = (name: string) => `arn:aws:iam::${THEIRS}:role/${name}`;
const by = {
  kmsKeyArn: anArn('theirs', THEIRS),
  access: { via: 'role', roleArn: roleArnOf('keywright-observer'), externalId: EXTERNAL_ID },
} as const;
let made = 0;
const nextName = (kind: string) => {
  made += 1;
  return `${kind}-${made}`;
};

describe('in memory', () => {
  roleObserverContract(async () => {
    const roles = memoryRoles();
    const attached = (roleArn: string) => roles.of(roleArn) ?? { trustPolicy: '', policies: [] };
    return {
      ...roles,
      by,
      async create(trustPolicy) {
        const roleArn = roleArnOf(nextName('role'));
        roles.put(roleArn, trustPolicy);
        return roleArn;
      },
      delete: async (roleArn) => roles.delete(roleArn),
      trust: async (roleArn, trustPolicy) => roles.put(roleArn, trustPolicy),
      async putInline(roleArn, name, text) {
        const { trustPolicy, policies } = attached(roleArn);
        roles.put(roleArn, trustPolicy, [...policies, { name, text }]);
      },
      async attach(roleArn, text, isReadable) {
        const name = `arn:aws:iam::${THEIRS}:policy/${nextName('policy')}`;
        const { trustPolicy, policies } = attached(roleArn);
        roles.put(roleArn, trustPolicy, [...policies, { name, ...(isReadable && { text }) }]);
        return name;
      },
      letRead: async (mayRead) => roles.answers(mayRead ? 'ok' : 'iam.refused'),
    };
  });
});

describe('by IAM of local AWS, through its door', () => {
  let aws: LocalAws;
  let roles: RolesUnderTest;
  const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

  beforeAll(async () => {
    ({ aws } = await localAws());
    const theirs = new IAMClient(clientSettings(aws, THEIRS));
    const PolicyName = 'look';
    const looker = { RoleName: 'keywright-observer' };
    const trust = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
    };
    await theirs.send(new CreateRoleCommand({ ...looker, AssumeRolePolicyDocument: document(trust) }));
    const nameIn = (arn: string) => arn.split('/').at(-1) ?? '';
    roles = {
      ...iamRoleObserver(new STSClient(clientSettings(aws, ACCOUNT)), { endpoint: aws.url, maxAttempts: 1 }),
      by,
      async create(trustPolicy) {
        const RoleName = nextName('role');
        await theirs.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustPolicy }));
        return roleArnOf(RoleName);
      },
      async delete(roleArn) {
        await theirs.send(new DeleteRoleCommand({ RoleName: nameIn(roleArn) }));
      },
      async trust(roleArn, PolicyDocument) {
        await theirs.send(new UpdateAssumeRolePolicyCommand({ RoleName: nameIn(roleArn), PolicyDocument }));
      },
      async putInline(roleArn, name, PolicyDocument) {
        const policy = { RoleName: nameIn(roleArn), PolicyName: name, PolicyDocument };
        await theirs.send(new PutRolePolicyCommand(policy));
      },
      async attach(roleArn, PolicyDocument, isReadable) {
        const name = nextName(isReadable ? 'keywright' : 'other');
        const { Policy } = await theirs.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument }));
        await theirs.send(new AttachRolePolicyCommand({ RoleName: nameIn(roleArn), PolicyArn: Policy?.Arn }));
        return Policy?.Arn ?? '';
      },
      async letRead(mayRead) {
        const actions = ['GetRole', 'ListRolePolicies', 'GetRolePolicy', 'ListAttachedRolePolicies'];
        const PolicyDocument = document(
          { Effect: 'Allow', Action: ['iam:GetPolicy', 'iam:GetPolicyVersion'], Resource: '*:policy/keywright-*' },
          {
            Effect: mayRead ? 'Allow' : 'Deny',
            Action: actions.map((action) => `iam:${action}`),
            Resource: `arn:aws:iam::${THEIRS}:role/*`,
          },
        );
        await theirs.send(new PutRolePolicyCommand({ ...looker, PolicyName, PolicyDocument }));
      },
    };
  });
  afterAll(() => aws.stop());

  roleObserverContract(async () => roles);
});

test.each([
  ['Throttling', 'iam.unreachable', true],
  ['ServiceFailureException', 'iam.unreachable', true],
  ['AccessDenied', 'iam.refused', false],
])('%s of IAM is %s', async (name, code, retry) => {
  mockClient(IAMClient)
    .on(GetRoleCommand)
    .rejects(Object.assign(new Error('no'), { name }));
  const roles = iamRoleObserver(new STSClient({}));

  await expect(roles.trustPolicy(by, roleArnOf('any'))).rejects.toMatchObject({ code, retry });
});
