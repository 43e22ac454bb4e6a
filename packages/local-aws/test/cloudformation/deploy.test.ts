import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  GetKeyPolicyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LocalAws } from '../../aws';
import { ACCOUNT, clientSettings, localAws, REGION } from '../support/local-aws';

const CUSTOMER = '444455556666';

let aws: LocalAws;
beforeAll(async () => {
  ({ aws } = await localAws());
});
afterAll(() => aws.stop());

let stacks = 0;
/** Every test has a stack of its own; given a name, it deploys to the same one again. */
async function deploy(
  Resources: object,
  more: { stackName?: string; accountId?: string; template?: object; parameters?: Record<string, string> } = {},
) {
  stacks += 1;
  const { stackName = `stack-${stacks}`, accountId = ACCOUNT, template = {}, ...options } = more;
  const stack = await aws.deploy({ Resources, ...template }, { stackName, accountId, ...options });
  const again = (changed: object) =>
    aws.deploy({ Resources: changed, ...template }, { stackName, accountId, ...options });
  return { ...stack, again };
}

const key = { Type: 'AWS::KMS::Key', Properties: { Description: 'one' } };
const statement = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const role = (policies: Record<string, string>) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
    Policies: Object.entries(policies).map(([PolicyName, action]) => ({
      PolicyName,
      PolicyDocument: statement(action),
    })),
  },
});
const actionsOf = (roleName: string | undefined) =>
  (aws.iam.roleOf(`arn:aws:iam::${ACCOUNT}:role/${roleName}`)?.policies ?? [])
    .flatMap(({ Statement }) => Statement as readonly { Action: string }[])
    .map(({ Action }) => Action)
    .sort();

test('a type that local AWS does not have is refused by name, before anything is made', async () => {
  const kms = new KMSClient(clientSettings(aws, '999900001111'));
  const template = { Key: key, Api: { Type: 'AWS::ApiGatewayV2::Api' } };

  await expect(deploy(template, { accountId: '999900001111' })).rejects.toThrow(
    'Resource Api: the type AWS::ApiGatewayV2::Api is not supported by the local deployer.',
  );

  expect((await kms.send(new ListKeysCommand())).Keys).toEqual([]);
});

test('what an engine refuses is refused with its code, and the resource is named', async () => {
  const wrong = deploy({
    Wrong: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q', VisibilityTimeout: 99_999 } },
  });

  await expect(wrong).rejects.toMatchObject({ code: 'InvalidAttributeValue' });
  await expect(wrong).rejects.toThrow('Resource Wrong (AWS::SQS::Queue): ');
});

test('a resource whose condition does not hold is not made, and no output asks for it', async () => {
  const template = {
    Parameters: { Stage: { Default: 'dev' } },
    Conditions: { IsLive: { 'Fn::Equals': [{ Ref: 'Stage' }, 'live'] } },
    Outputs: { Url: { Condition: 'IsLive', Value: { Ref: 'Queue' } } },
  };
  const resources = { Queue: { Type: 'AWS::SQS::Queue', Condition: 'IsLive' } };

  const dev = await deploy(resources, { template });
  const live = await deploy(resources, { template, parameters: { Stage: 'live' } });

  expect([dev.physicalIds, dev.outputs]).toEqual([{}, {}]);
  expect(live.outputs['Url']).toBe(live.physicalIds['Queue']);
});

test('deployed again, a key stays the key it was and takes over its policy', async () => {
  const kms = new KMSClient(clientSettings(aws, ACCOUNT));
  const first = await deploy({
    Key: key,
    Alias: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/one', TargetKeyId: { Ref: 'Key' } } },
  });
  const KeyPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'New',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  };

  const second = await first.again({ Key: { ...key, Properties: { KeyPolicy } } });

  const KeyId = first.physicalIds['Key'];
  expect(second.physicalIds['Key']).toBe(KeyId);
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
  expect(JSON.parse(Policy ?? '').Statement[0].Sid).toBe('New');
  // The alias is no longer named; what may hold data, or lead to it, stays.
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId }));
  expect(Aliases?.map(({ AliasName }) => AliasName)).toEqual(['alias/one']);
});

test('deployed again, a key whose policy the template says as before keeps what somebody else made of it', async () => {
  const kms = new KMSClient(clientSettings(aws, ACCOUNT));
  const allow = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' };
  const policyOf = (Sid: string) => ({ Version: '2012-10-17', Statement: [{ Sid, ...allow }] });
  const resources = { Key: { ...key, Properties: { KeyPolicy: policyOf('Template') } } };
  const stack = await deploy(resources);
  const KeyId = stack.physicalIds['Key'];
  const theirs = { KeyId, PolicyName: 'default', Policy: JSON.stringify(policyOf('Theirs')) };
  await kms.send(new PutKeyPolicyCommand(theirs));

  await stack.again(resources);

  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
  expect(JSON.parse(Policy ?? '').Statement[0].Sid).toBe('Theirs');
});

test('deployed again, an alias that the template names as before is left alone, also while its key is pending deletion', async () => {
  const kms = new KMSClient(clientSettings(aws, ACCOUNT));
  const resources = {
    Going: key,
    Alias: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/going', TargetKeyId: { Ref: 'Going' } } },
  };
  const first = await deploy(resources);
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: first.physicalIds['Going'], PendingWindowInDays: 7 }));

  const second = await first.again(resources);

  expect(second.physicalIds).toEqual(first.physicalIds);
});

test('deployed again, a queue takes over its attributes', async () => {
  const sqs = new SQSClient({ ...clientSettings(aws, ACCOUNT), useQueueUrlAsEndpoint: false });
  const queue = (VisibilityTimeout: number) => ({
    Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout } },
  });
  const first = await deploy(queue(30));

  const second = await first.again(queue(60));

  expect(second.physicalIds).toEqual(first.physicalIds);
  const input = { QueueUrl: first.physicalIds['Queue'], AttributeNames: ['VisibilityTimeout' as const] };
  expect((await sqs.send(new GetQueueAttributesCommand(input))).Attributes).toEqual({ VisibilityTimeout: '60' });
});

test('a role keeps its identity and the policies of their own, and loses inline ones that its template dropped', async () => {
  const attached = {
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'more', PolicyDocument: statement('s3:GetObject'), Roles: [{ Ref: 'Role' }] },
  };
  const first = await deploy({ Role: role({ a: 'kms:Decrypt', b: 'kms:Encrypt' }), More: attached });
  const arn = `arn:aws:iam::${ACCOUNT}:role/${first.physicalIds['Role']}`;
  const before = aws.iam.roleOf(arn)?.principalId;
  expect(actionsOf(first.physicalIds['Role'])).toEqual(['kms:Decrypt', 'kms:Encrypt', 's3:GetObject']);

  await first.again({ Role: role({ b: 'kms:ReEncryptFrom' }), More: attached });

  expect(actionsOf(first.physicalIds['Role'])).toEqual(['kms:ReEncryptFrom', 's3:GetObject']);
  expect(aws.iam.roleOf(arn)?.principalId).toBe(before);
  expect(before).toMatch(/^AROA[0-9A-Z]{17}$/);
});

test("a managed policy of AWS that local AWS does not know is refused, the one for a function's log is not", async () => {
  const withManaged = (arn: string) => ({
    Role: { ...role({}), Properties: { ...role({}).Properties, ManagedPolicyArns: [arn] } },
  });

  await expect(deploy(withManaged('arn:aws:iam::aws:policy/AdministratorAccess'))).rejects.toThrow(
    'Resource Role (AWS::IAM::Role): The managed policy arn:aws:iam::aws:policy/AdministratorAccess is not known',
  );
  await deploy(withManaged('arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'));
});

test("a customer's stack is made in the customer's account", async () => {
  const { physicalIds, outputs } = await deploy(
    { Key: key, Role: role({}) },
    { accountId: CUSTOMER, template: { Outputs: { KeyArn: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } } } } },
  );

  expect(outputs['KeyArn']).toBe(`arn:aws:kms:${REGION}:${CUSTOMER}:key/${physicalIds['Key']}`);
  expect(aws.iam.roleOf(`arn:aws:iam::${CUSTOMER}:role/${physicalIds['Role']}`)).toBeDefined();
});

test('statements of a bus are put one by one, and again without doubling', async () => {
  const admit = (account: string) => ({
    Type: 'AWS::Events::EventBusPolicy',
    Properties: {
      EventBusName: { Ref: 'Bus' },
      StatementId: `admit-${account}`,
      Statement: {
        ...{ Effect: 'Allow', Principal: { AWS: account }, Action: 'events:PutEvents' },
        Resource: { 'Fn::GetAtt': ['Bus', 'Arn'] },
      },
    },
  });
  const template = {
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'guests' } },
    One: admit(CUSTOMER),
    Two: admit('777788889999'),
  };

  const { again } = await deploy(template);
  await again(template);

  const events = new EventBridgeClient(clientSettings(aws, ACCOUNT));
  const { Policy } = await events.send(new DescribeEventBusCommand({ Name: 'guests' }));
  const sids = (JSON.parse(Policy ?? '').Statement as readonly { Sid: string }[]).map(({ Sid }) => Sid);
  expect(sids.sort()).toEqual([`admit-${CUSTOMER}`, 'admit-777788889999']);
});
