/** IAM's API through the door, as the SDK speaks to it: roles are read, changed and broken, and CloudTrail tells of it in us-east-1. */
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from '../../aws';
import { ACCOUNT, clientSettings, localAws } from '../support/local-aws';

const OTHER = '222222222222';
let aws: LocalAws;
let iam: IAMClient;
beforeAll(async () => {
  ({ aws } = await localAws());
  iam = new IAMClient(clientSettings(aws, ACCOUNT));
});
afterAll(() => aws.stop());

const document = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
const trust = (accountId: string) =>
  document({ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'sts:AssumeRole' });
const allow = (Action: string, Resource = '*') => document({ Effect: 'Allow', Action, Resource });
const arnOf = (name: string, accountId = ACCOUNT) => `arn:aws:iam::${accountId}:role/${name}`;
const createRole = (RoleName: string) =>
  iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(OTHER) }));

test('a role is read as it was made, its documents encoded as IAM encodes them', async () => {
  const RoleName = 'read';
  await createRole(RoleName);
  const star = document({ Effect: 'Allow', Action: 'kms:Re*', Resource: "it's (all)!" });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'use', PolicyDocument: star }));

  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'use' }));

  expect(Role).toMatchObject({ RoleName, Arn: arnOf(RoleName), Path: '/', RoleId: expect.stringMatching(/^AROA/) });
  expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trust(OTHER));
  expect(PolicyNames).toEqual(['use']);
  expect(PolicyDocument).not.toMatch(/[!'()*{"]/);
  expect(decodeURIComponent(PolicyDocument)).toBe(star);
});

test('what is managed is attached by its ARN, and counts like any other policy', async () => {
  const RoleName = 'managed';
  await createRole(RoleName);
  const made = await iam.send(
    new CreatePolicyCommand({ PolicyName: 'shared-use', PolicyDocument: allow('iam:GetRole') }),
  );
  const PolicyArn = made.Policy?.Arn ?? '';
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));

  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const { PolicyVersion } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }),
  );

  expect(AttachedPolicies).toEqual([{ PolicyName: 'shared-use', PolicyArn }]);
  expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(allow('iam:GetRole'));
  expect(await asRole(RoleName).then((own) => own.send(new GetRoleCommand({ RoleName })))).toBeDefined();
  await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  await expect(asRole(RoleName).then((own) => own.send(new GetRoleCommand({ RoleName })))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
});

/** Sessions of the role, opened from the account that it trusts. */
async function asRole(name: string): Promise<IAMClient> {
  const sts = new STSClient(clientSettings(aws, OTHER));
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: arnOf(name), RoleSessionName: 'test' }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return new IAMClient({
    ...clientSettings(aws, ACCOUNT),
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
  });
}

test('a caller needs the action on that very role', async () => {
  const RoleName = 'narrow';
  await createRole(RoleName);
  await createRole('another');
  await iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: 'look',
      PolicyDocument: allow('iam:GetRole', arnOf('target')),
    }),
  );
  const own = await asRole(RoleName);

  await expect(own.send(new GetRoleCommand({ RoleName: 'another' }))).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(own.send(new GetRoleCommand({ RoleName: 'target' }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  });
  await createRole('target');
  await expect(own.send(new GetRoleCommand({ RoleName: 'target' }))).resolves.toBeDefined();
  await expect(own.send(new ListRolePoliciesCommand({ RoleName: 'target' }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
});

test('a role is deleted once it has no policies, and nobody gets in any more', async () => {
  const RoleName = 'gone';
  await createRole(RoleName);
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'use', PolicyDocument: allow('kms:*') }));

  await expect(iam.send(new DeleteRoleCommand({ RoleName }))).rejects.toMatchObject({
    name: 'DeleteConflictException',
  });
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'use' }));
  await iam.send(new DeleteRoleCommand({ RoleName }));

  await expect(iam.send(new GetRoleCommand({ RoleName }))).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  await expect(asRole(RoleName)).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('a trust policy that is changed decides at once; what is no policy is refused', async () => {
  const RoleName = 'trust';
  await createRole(RoleName);
  const put = (PolicyDocument: string) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));

  await expect(put('{')).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
  await expect(asRole(RoleName)).resolves.toBeDefined();
  await put(trust('333333333333'));
  await expect(asRole(RoleName)).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('a change is told in us-east-1 alone, to a bus of another region and account, and reading is not', async () => {
  const there = clientSettings(aws, OTHER);
  const events = new EventBridgeClient(there);
  const { EventBusArn = '' } = await events.send(new CreateEventBusCommand({ Name: 'customers' }));
  await events.send(
    new PutPermissionCommand({
      EventBusName: 'customers',
      StatementId: 'one',
      Action: 'events:PutEvents',
      Principal: ACCOUNT,
    }),
  );
  const Principal = { Service: 'events.amazonaws.com' };
  const Policy = document({ Effect: 'Allow', Principal, Action: 'sqs:SendMessage', Resource: '*' });
  const { QueueUrl } = await new SQSClient(there).send(
    new CreateQueueCommand({ QueueName: 'told', Attributes: { Policy } }),
  );
  const EventBusName = 'customers';
  await events.send(
    new PutRuleCommand({ Name: 'all', EventBusName, EventPattern: JSON.stringify({ source: ['aws.iam'] }) }),
  );
  const queueArn = `arn:aws:sqs:${aws.region}:${OTHER}:told`;
  await events.send(new PutTargetsCommand({ Rule: 'all', EventBusName, Targets: [{ Id: 'queue', Arn: queueArn }] }));
  const byEvents = document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });
  await iam.send(new CreateRoleCommand({ RoleName: 'forwarder', AssumeRolePolicyDocument: byEvents }));
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'forwarder',
      PolicyName: 'forward',
      PolicyDocument: allow('events:PutEvents', EventBusArn),
    }),
  );
  for (const region of ['us-east-1', aws.region]) {
    const forward = new EventBridgeClient({ ...clientSettings(aws, ACCOUNT), region });
    const pattern = { source: ['aws.iam'], detail: { requestParameters: { roleName: ['told'] } } };
    await forward.send(new PutRuleCommand({ Name: 'roles', EventPattern: JSON.stringify(pattern) }));
    await forward.send(
      new PutTargetsCommand({
        Rule: 'roles',
        Targets: [{ Id: 'them', Arn: EventBusArn, RoleArn: arnOf('forwarder') }],
      }),
    );
  }

  await createRole('told');
  await iam.send(new GetRoleCommand({ RoleName: 'told' }));
  await aws.idle();

  const { Messages = [] } = await new SQSClient(there).send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
    {
      region: 'us-east-1',
      account: ACCOUNT,
      'detail-type': 'AWS API Call via CloudTrail',
      detail: {
        eventName: 'CreateRole',
        eventSource: 'iam.amazonaws.com',
        awsRegion: 'us-east-1',
        requestParameters: { roleName: 'told' },
      },
    },
  ]);
});
