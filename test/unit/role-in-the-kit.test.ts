/** The onboarding kit on local AWS: what it lets the role that looks see of the one that uses the key, which changes it tells, and no more. */
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from 'local-aws/aws';
import { clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { customerAccountTemplate, roleEventsTemplate } from '../../cli/start/customer-account';
import { iamRoleObserver } from '../../shared/adapters/iam-role-observer';
import { readRefusal } from '../../shared/domain/availability/role/read-refusal';
import { withRoleFaults } from '../../shared/domain/availability/role/role-faults';
import type { KmsKey } from '../../shared/domain/keys/kms-key';
import { aKmsKey, OUR_ACCOUNT, silentLog } from '../support/make';

const THEIRS = '444455556666';
const RoleName = 'keywright-use';
const externalId = 'kw-acme';
const customerBusArn = `arn:aws:events:eu-central-1:${OUR_ACCOUNT}:event-bus/customers`;

let aws: LocalAws;
let theirs: IAMClient;
let key: KmsKey;
let ports: Parameters<typeof readRefusal>[1];
beforeAll(async () => {
  ({ aws } = await localAws());
  theirs = new IAMClient(clientSettings(aws, THEIRS));
  const about = { customerId: 'acme', accountId: THEIRS, alias: 'alias/acme', providerAccountId: OUR_ACCOUNT };
  const kit = customerAccountTemplate({ ...about, externalId, customerBusArn, useRoleName: RoleName });
  const { outputs } = await aws.deploy(kit, { accountId: THEIRS, stackName: 'kit' });
  const roleArn = `arn:aws:iam::${THEIRS}:role/${RoleName}`;
  key = aKmsKey({
    kmsKeyArn: outputs['KeyArn'] ?? '',
    customerId: 'acme',
    option: 'customer-managed',
    access: { via: 'role', roleArn, externalId },
    observer: { roleArn: outputs['ObserverRoleArn'] ?? '', externalId },
  });
  const sts = new STSClient(clientSettings(aws, OUR_ACCOUNT));
  const roles = iamRoleObserver(sts, { endpoint: aws.url, maxAttempts: 1 });
  ports = { roles, ownAccountId: OUR_ACCOUNT, log: silentLog };
});
afterAll(() => aws.stop());

const document = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
const trust = (id: string, account = OUR_ACCOUNT) =>
  document({
    Sid: 'LetIn',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': id } },
  });
const put = (PolicyDocument: string) => theirs.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));

test('the role that looks tells a role that is gone, its trust policy and its external id apart', async () => {
  expect(await readRefusal(key, ports)).toEqual({ reason: 'gone' });

  await theirs.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(externalId) }));
  expect(await readRefusal(key, ports)).toEqual({ reason: 'open' });
  await put(trust('kw-other'));
  expect(await readRefusal(key, ports)).toMatchObject({ reason: 'external-id', statement: 'LetIn' });
  await put(trust(externalId, '999999999999'));
  expect(await readRefusal(key, ports)).toMatchObject({ reason: 'trust' });

  await theirs.send(new DeleteRoleCommand({ RoleName }));
  expect(await readRefusal(key, ports)).toEqual({ reason: 'gone' });
});

test('the statement of its policies that takes a use is named', async () => {
  const policy = { RoleName, PolicyName: 'limits' };
  await theirs.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(externalId) }));
  const PolicyDocument = document({ Sid: 'NoNew', Effect: 'Deny', Action: 'kms:GenerateDataKey*', Resource: '*' });
  await theirs.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
  const lost = [{ action: 'kms:GenerateDataKey', isExplicit: true, refusedBy: 'identity' as const }];

  expect(await withRoleFaults(key, lost, ports)).toEqual([{ ...lost[0], policy: 'limits', statement: 'NoNew' }]);

  await theirs.send(new DeleteRolePolicyCommand(policy));
  await theirs.send(new DeleteRoleCommand({ RoleName }));
});

test('it may read that role and no other', async () => {
  const { access } = key;
  if (access.via !== 'role') throw new Error('the key is reached by a role');
  const another = { ...access, roleArn: `arn:aws:iam::${THEIRS}:role/keywright-forwarder` };

  expect(await readRefusal({ ...key, access: another }, ports)).toBeUndefined();
});

test('the rule for changes of the role is in us-east-1', async () => {
  const there = { accountId: THEIRS, stackName: 'kit-roles', region: 'us-east-1' };
  await aws.deploy(roleEventsTemplate({ accountId: THEIRS, customerBusArn, useRoleName: RoleName }), there);

  const events = new EventBridgeClient({ ...clientSettings(aws, THEIRS), region: 'us-east-1' });
  const { Rules = [] } = await events.send(new ListRulesCommand({}));

  expect(Rules.map(({ EventPattern = '' }) => JSON.parse(EventPattern))).toEqual([
    { source: ['aws.iam'], detail: { requestParameters: { roleName: [RoleName] } } },
  ]);
});
