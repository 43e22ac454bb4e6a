/** The packaged product is refused: by its own role, and by a customer's. */
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ACCOUNT } from 'local-aws/test/support/local-aws';
import { unsettledIncidents } from '../../shared/domain/availability/incidents/find-incidents';
import {
  type Incident,
  isOperators,
  isOver,
  type OperatorIncident,
} from '../../shared/domain/availability/incidents/incident';
import { NEEDED_ACTIONS } from '../../shared/domain/availability/policy/needed-actions';
import { onboardCustomer } from '../../shared/domain/customers/onboard-customer';
import { kmsPorts } from '../../shared/runtime/aws-ports';
import { basicsOf } from '../../shared/runtime/basics';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

const MINUTE_MS = 60_000;
const CUSTOMER_ACCOUNT = '444455556666';

let product: DeployedProduct;
let tables: DynamoDBClient;
beforeAll(async () => {
  product = await deployedProduct();
  tables = new DynamoDBClient();
});
afterAll(async () => {
  tables.destroy();
  await product.stop();
});

/** Takes the action off the role, or gives it back. */
function withoutAction(roleArn: string, action: string): () => void {
  const role = product.aws.iam.roleOf(roleArn);
  if (!role) throw new Error(`There is no role ${roleArn}.`);
  const allows = ({ Action }: { readonly Action?: unknown }) => [Action].flat().includes(action);
  const policies = role.policies.map((policy) => ({
    ...policy,
    Statement: [policy.Statement].flat().filter((statement) => !allows(statement as object)),
  }));
  product.aws.iam.putRole({ ...role, policies: policies as never });
  return () => product.aws.iam.putRole(role);
}

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    product.aws.clock.advance(MINUTE_MS);
    await product.aws.idle();
  }
}

/** Rows of the control table whose key begins so. */
async function rows(prefix: string) {
  const request = { TableName: product.outputs['ControlTableName'], ConsistentRead: true };
  const { Items = [] } = await tables.send(
    new ScanCommand({
      ...request,
      FilterExpression: 'begins_with(pk, :prefix)',
      ExpressionAttributeValues: { ':prefix': { S: prefix } },
    }),
  );
  return Items;
}

/** Where each signal came from that was ever raised. */
async function signals(): Promise<readonly (string | undefined)[]> {
  const facts = (await rows('fact#'))
    .map((row) => JSON.stringify(row))
    .filter((row) => row.includes('key-signal-received.v1'));
  return facts.map((fact) => /own-failure|customer-event|probe/.exec(fact)?.[0]);
}

const entriesOf = async (customerId: string) => Number((await rows(`audit-head#${customerId}`))[0]?.['size']?.N ?? 0);

async function openIncident(kmsKeyArn: string): Promise<Incident | undefined> {
  const watch = await product.control.find('key-watch', kmsKeyArn);
  return watch?.openIncidentId ? product.control.find('incident', watch.openIncidentId) : undefined;
}

/** Trouble of our own that is open now. */
async function troubles(): Promise<readonly OperatorIncident[]> {
  const open: OperatorIncident[] = [];
  for await (const incident of unsettledIncidents({ control: product.control }))
    if (!isOver(incident) && isOperators(incident)) open.push(incident);
  return open;
}

test('while our own role is refused, looks and entries stay few, and a key that is disabled meanwhile is found', async () => {
  const customerIds = ['hooli', 'globex', 'initech', 'umbrella', 'soylent'];
  const arns: string[] = [];
  for (const customerId of customerIds) arns.push(await product.customer(customerId));
  await product.aws.idle();
  const [disabled = '', ...healthy] = arns;
  const restored = ['assess-key', 'probe-keys'].map((name) =>
    withoutAction(`arn:aws:iam::${ACCOUNT}:role/keywright-dev-${name}`, 'kms:Decrypt'),
  );
  const before = await entriesOf('globex');
  expect(await signals()).toEqual([]);

  await minutes(6);
  for (const kmsKeyArn of arns) expect(await openIncident(kmsKeyArn)).toBeUndefined();
  expect(await troubles()).toMatchObject([
    { trouble: 'own-permissions', subject: 'eu-central-1', keyCount: 5, pagedAt: expect.any(String) },
  ]);
  await product.kms.send(new DisableKeyCommand({ KeyId: disabled }));
  await minutes(4);

  // A look a minute at the most, of three uses each, in ten minutes; and nothing that causes more.
  expect((await entriesOf('globex')) - before).toBeLessThanOrEqual(10 * 3);
  // The probe that finds a key away, or away by another cause, and a person's event.
  const raised = await signals();
  expect(raised).toContain('customer-event');
  expect(raised.filter((kind) => kind === 'probe').length).toBeLessThanOrEqual(6);
  expect(raised).not.toContain('own-failure');
  expect(await openIncident(disabled)).toMatchObject({ cause: 'key-disabled', pagedAt: expect.any(String) });

  for (const restore of restored) restore();
  await minutes(2);
  expect(await troubles()).toHaveLength(1);
  await minutes(7);
  expect(await troubles()).toEqual([]);
  for (const kmsKeyArn of healthy) expect(await openIncident(kmsKeyArn)).toBeUndefined();
  expect(await openIncident(disabled)).toMatchObject({ cause: 'key-disabled' });
}, 240_000);

test('a customer who takes an action off the role that they opened to us is noticed, and paged as theirs', async () => {
  const theirs = new KMSClient({ credentials: product.aws.credentials(CUSTOMER_ACCOUNT) });
  const { KeyMetadata } = await theirs.send(new CreateKeyCommand({}));
  theirs.destroy();
  const kmsKeyArn = KeyMetadata?.Arn ?? '';
  const roleArn = `arn:aws:iam::${CUSTOMER_ACCOUNT}:role/keywright-use`;
  const statement = (fields: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...fields }] });
  product.aws.iam.putRole({
    arn: roleArn,
    name: 'keywright-use',
    accountId: CUSTOMER_ACCOUNT,
    principalId: 'AROAKEYWRIGHTUSE',
    trustPolicy: statement({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' }) as never,
    policies: NEEDED_ACTIONS.map(({ action: Action }) => statement({ Action, Resource: kmsKeyArn }) as never),
  });
  await onboardCustomer(
    {
      customer: { customerId: 'acme', name: 'Acme Corp', accountId: CUSTOMER_ACCOUNT },
      key: { kmsKeyArn, option: 'customer-managed', access: { via: 'role', roleArn, externalId: 'kw-acme' } },
      dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
      rotation: { strategy: 'customer', periodDays: 365, reencrypt: true, dueAt: '2099-01-01T00:00:00.000Z' },
    },
    {
      control: product.control,
      ...kmsPorts(),
      ...basicsOf('test'),
      clock: { now: () => new Date(product.aws.clock.now()).toISOString() },
    },
  );
  await minutes(1);
  expect(await openIncident(kmsKeyArn)).toBeUndefined();

  for (const action of ['kms:GenerateDataKey', 'kms:ReEncryptTo']) {
    const giveBack = withoutAction(roleArn, action);
    await minutes(6);
    const part = { cause: 'role-permissions', party: 'customer', lost: [{ action }], pagedAt: expect.any(String) };
    expect(await openIncident(kmsKeyArn)).toMatchObject(part);
    giveBack();
    await minutes(2);
    expect(await openIncident(kmsKeyArn)).toBeUndefined();
  }

  const restore = withoutAction(roleArn, 'kms:Decrypt');
  await minutes(6);
  expect(await openIncident(kmsKeyArn)).toMatchObject({
    cause: 'role-permissions',
    party: 'customer',
    evidence: 'KMS refused the call: no identity-based policy allows it',
    pagedAt: expect.any(String),
  });

  restore();
  await minutes(4);
  expect(await openIncident(kmsKeyArn)).toBeUndefined();
}, 240_000);
