/** Local AWS as a whole: a small product deployed from a template, driven through the door with the SDK. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LocalAwsOptions } from 'local-aws/aws';
import { ACCOUNT, localAws } from 'local-aws/test/support/local-aws';
import { otherDynamo } from 'local-aws/test/support/other-dynamo';
import { ordersStack } from '../support/orders-stack';

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function shop(options: LocalAwsOptions = {}, template: object = ordersStack()) {
  const { aws, client } = await localAws({ retrySeconds: 0, ...options });
  endings.push(aws.stop);
  const { outputs } = await aws.deploy(template, { accountId: ACCOUNT, stackName: 'shop' });
  const [bus, queues, tables] = [new EventBridgeClient(client), new SQSClient(client), new DynamoDBClient(client)];
  endings.push(() => {
    for (const one of [bus, queues, tables]) one.destroy();
  });
  return {
    aws,
    outputs,
    async order(...orders: readonly { id: string; does?: 'fail' | 'hang' }[]) {
      const Entries = orders.map((order) => ({ Source: 'shop', DetailType: 'order', Detail: JSON.stringify(order) }));
      expect((await bus.send(new PutEventsCommand({ Entries }))).FailedEntryCount).toBe(0);
    },
    async stored() {
      const { Items = [] } = await tables.send(new ScanCommand({ TableName: outputs['Table'], ConsistentRead: true }));
      return Items.map(({ pk }) => pk?.S).sort();
    },
    async bodies(queueUrl: string | undefined) {
      const bodies: (string | undefined)[] = [];
      for (;;) {
        const { Messages = [] } = await queues.send(
          new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) return bodies.sort();
        bodies.push(...Messages.map(({ Body }) => Body));
      }
    },
  };
}

/** The folder outlives each local AWS on it, and is gone after the test. */
function dataFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'local-aws-data-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const idsOf = (letters: readonly (string | undefined)[]) =>
  letters.map((letter) => JSON.parse(letter ?? '').detail.id).sort();

/** Local AWS runs on a DynamoDB of the user's own, which shows itself as DynamoDB Local does. */
async function anotherDynamo(isShared: boolean) {
  const [other, before] = [await otherDynamo({ isShared }), process.env];
  process.env = { ...before, AWS_ENDPOINT_URL_DYNAMODB: other.url };
  endings.push(other.stop, () => {
    process.env = before;
  });
  return other;
}

test.each([true, false])(
  'on another DynamoDB an order passes as on ours, run after run: shared %s',
  async (isShared) => {
    const other = await anotherDynamo(isShared);
    for (const id of ['first', 'second']) {
      const { aws, order, stored, bodies, outputs } = await shop();

      await order({ id });
      await aws.idle();

      expect(await stored()).toEqual([id]);
      expect(await bodies(outputs['ReportsUrl'])).toEqual([id]);
      expect(await other.tables()).toHaveLength(1);
      await aws.stop();
    }
    expect(await other.tables()).toEqual([]);
  },
);

test('on another DynamoDB a folder goes on where it was', async () => {
  const [folder, other] = [dataFolder(), await anotherDynamo(false)];
  const earlier = await shop({ folder });
  await earlier.order({ id: 'first' });
  await earlier.aws.idle();
  await earlier.aws.stop();

  const { aws, order, stored, bodies, outputs } = await shop({ folder });
  await order({ id: 'second' });
  await aws.idle();

  expect(await stored()).toEqual(['first', 'second']);
  expect(await bodies(outputs['ReportsUrl'])).toEqual(['first', 'second']);
  expect(await other.tables()).toHaveLength(1);
});

test('an event passes rule, queue, function, table and stream, and arrives', async () => {
  const { aws, order, stored, bodies, outputs } = await shop();

  await order({ id: 'a' }, { id: 'b' }, { id: 'c' });
  await aws.idle();

  expect(await stored()).toEqual(['a', 'b', 'c']);
  expect(await bodies(outputs['ReportsUrl'])).toEqual(['a', 'b', 'c']);
});

test('an order that fails becomes a dead letter, one that hangs takes only its batch with it, the rest arrives', async () => {
  const { aws, order, stored, bodies, outputs } = await shop({}, ordersStack({ timeout: 2, tries: 1 }));

  await order({ id: 'a' }, { id: 'failing', does: 'fail' }, { id: 'b' });
  await aws.idle();
  await order({ id: 'hanging', does: 'hang' });
  await aws.idle();
  await order({ id: 'c' });
  await aws.idle();

  expect(await stored()).toEqual(['a', 'b', 'c']);
  expect(idsOf(await bodies(outputs['DeadUrl']))).toEqual(['failing', 'hanging']);
  expect(aws.lambdaLogs('store').join('\n')).toContain('Task timed out after 2.00 seconds');
});

test('a function may do what its role allows and nothing else', async () => {
  const { Resources, Outputs } = ordersStack();
  const [readSource] = Resources.StoreRole.Properties.Policies[0]?.PolicyDocument.Statement ?? [];
  const powerless = structuredClone(Resources.StoreRole);
  powerless.Properties.Policies = [
    { PolicyName: 'work', PolicyDocument: { Version: '2012-10-17', Statement: [readSource ?? {}] } },
  ];
  const { aws, order, stored, bodies, outputs } = await shop(
    {},
    { Resources: { ...Resources, StoreRole: powerless }, Outputs },
  );

  await order({ id: 'a' });
  await aws.idle();

  expect(await stored()).toEqual([]);
  expect(idsOf(await bodies(outputs['DeadUrl']))).toEqual(['a']);
});

test('faults on every path repeat work and lose none of it', async () => {
  const { aws, order, stored } = await shop({ seed: 7 }, ordersStack({ tries: 10 }));
  aws.faults.set([
    { service: 'lambda', kind: 'duplicate', probability: 0.3 },
    { service: 'lambda', kind: 'timeout-after-effect', probability: 0.2, times: 1 },
    { service: 'sqs', operation: 'Deliver', kind: 'duplicate', probability: 0.3 },
    { service: 'events', operation: 'Deliver', kind: 'duplicate', probability: 0.3 },
    { service: 'dynamodb', kind: 'server-error', probability: 0.1 },
  ]);
  const ids = Array.from({ length: 20 }, (_, n) => `order-${String(n).padStart(2, '0')}`);

  for (const id of ids) await order({ id });
  await aws.idle();
  aws.faults.set([]);

  expect(await stored()).toEqual(ids);
  expect(Object.values(aws.faults.struck).reduce((sum, times) => sum + times, 0)).toBeGreaterThan(10);
});

test('what was kept goes on after a restart: items, letters, keys, the clock and the place in the stream', async () => {
  const folder = dataFolder();
  const first = await shop({ folder });
  await first.order({ id: 'a' }, { id: 'failing', does: 'fail' });
  await first.aws.idle();
  first.aws.clock.advance(86_400_000);
  await first.aws.stop();

  const second = await shop({ folder });
  await second.order({ id: 'b' });
  await second.aws.idle();

  expect(second.outputs['KeyArn']).toBe(first.outputs['KeyArn']);
  expect(second.aws.clock.aheadMs).toBe(86_400_000);
  expect(await second.stored()).toEqual(['a', 'b']);
  expect(await second.bodies(second.outputs['ReportsUrl'])).toEqual(['a', 'b']);
  expect(idsOf(await second.bodies(second.outputs['DeadUrl']))).toEqual(['failing']);
});

test('a rule that a later template no longer names stops acting, a table stays', async () => {
  const { aws, order, stored, outputs } = await shop();
  await order({ id: 'a' });
  await aws.idle();

  const { Resources, Outputs } = ordersStack();
  const { Placed: _rule, WorkPolicy: _policy, ...rest } = Resources;
  await aws.deploy({ Resources: rest, Outputs }, { accountId: ACCOUNT, stackName: 'shop' });
  await order({ id: 'b' });
  await aws.idle();

  expect(outputs['Table']).toMatch(/^shop-Orders-/);
  expect(await stored()).toEqual(['a']);
});
