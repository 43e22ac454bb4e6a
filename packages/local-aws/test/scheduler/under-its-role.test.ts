import type { JsonObject } from '../../call';
import { movableClock } from '../../clock';
import type { EngineDeps } from '../../contracts';
import { faultPlan } from '../../faults';
import { iam } from '../../iam/iam';
import { scheduler } from '../../scheduler/engine';
import { sqs } from '../../sqs/engine';
import { openStore } from '../../store';

const ACCOUNT = '111111111111';
const REGION = 'eu-central-1';
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:queue`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/schedule`;

/** A schedule that is due at once, on a queue whose policy names nobody; the messages that reach the queue. */
async function messagesUnder(role: { readonly trusts: string; readonly allows: string }): Promise<readonly string[]> {
  const random = () => 0.5;
  const world: EngineDeps = { store: openStore(), clock: movableClock(() => 0), random, faults: faultPlan(random) };
  const accounts = iam(world);
  const queues = sqs(world, { iam: accounts, accountUrl: () => 'http://localhost' });
  const schedules = scheduler(world, {
    iam: accounts,
    targets: { sendToQueue: queues.sendToQueue, invokeLater: () => {} },
    buses: { publish: () => {} },
  });
  const caller = accounts.principalOf(accounts.openAccount(ACCOUNT).accessKeyId);
  if (caller === undefined) throw new Error('The account has no administrator.');
  const call = (service: string, operation: string, input: JsonObject) => ({
    ...{ service, operation, input, caller, region: REGION },
    ...{ requestId: 'request', sourceIp: '127.0.0.1', userAgent: 'test' },
  });
  accounts.putRole({
    ...{ arn: ROLE, name: 'schedule', accountId: ACCOUNT, principalId: 'AROASCHEDULE' },
    trustPolicy: { Statement: [{ Effect: 'Allow', Principal: { Service: role.trusts }, Action: 'sts:AssumeRole' }] },
    policies: [{ Statement: [{ Effect: 'Allow', Action: role.allows, Resource: QUEUE }] }],
  });
  await queues.handle(call('sqs', 'CreateQueue', { QueueName: 'queue' }));
  const schedule = {
    Name: 'schedule',
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: QUEUE, RoleArn: ROLE, Input: '{"due":true}' },
  };

  const { error } = await schedules.handle(call('scheduler', 'CreateSchedule', schedule));
  schedules.tick();

  expect(error).toBeUndefined();
  return queues.receive(QUEUE, { max: 10 }).map(({ body }) => body);
}

const SCHEDULER = 'scheduler.amazonaws.com';

it('a schedule reaches a queue by what its role may do, whatever the policy of the queue', async () => {
  expect(await messagesUnder({ trusts: SCHEDULER, allows: 'sqs:SendMessage' })).toEqual(['{"due":true}']);
});

it('a schedule reaches nothing under a role that may not send, or that does not trust Scheduler', async () => {
  expect(await messagesUnder({ trusts: SCHEDULER, allows: 'sqs:ReceiveMessage' })).toEqual([]);
  expect(await messagesUnder({ trusts: 'events.amazonaws.com', allows: 'sqs:SendMessage' })).toEqual([]);
});

describe('a schedule whose target is an event bus', () => {
  const BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;
  const target = {
    Arn: BUS,
    RoleArn: ROLE,
    Input: '{"customerId":"acme"}',
    EventBridgeParameters: { DetailType: 'heartbeat', Source: 'keywright.heartbeat' },
  };

  function worldUnder(allows: string) {
    const random = () => 0.5;
    const world: EngineDeps = { store: openStore(), clock: movableClock(() => 0), random, faults: faultPlan(random) };
    const accounts = iam(world);
    const published: unknown[] = [];
    const schedules = scheduler(world, {
      iam: accounts,
      targets: { sendToQueue: () => {}, invokeLater: () => {} },
      buses: { publish: (account, region, event) => void published.push({ account, region, ...event }) },
    });
    accounts.putRole({
      ...{ arn: ROLE, name: 'schedule', accountId: ACCOUNT, principalId: 'AROASCHEDULE' },
      trustPolicy: { Statement: [{ Effect: 'Allow', Principal: { Service: SCHEDULER }, Action: 'sts:AssumeRole' }] },
      policies: [{ Statement: [{ Effect: 'Allow', Action: allows, Resource: BUS }] }],
    });
    const caller = accounts.principalOf(accounts.openAccount(ACCOUNT).accessKeyId);
    if (caller === undefined) throw new Error('The account has no administrator.');
    const create = (Target: JsonObject) =>
      schedules.handle({
        ...{ service: 'scheduler', operation: 'CreateSchedule', caller, region: REGION },
        input: {
          Name: 'beat',
          ScheduleExpression: 'rate(5 minutes)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target,
        },
        ...{ requestId: 'request', sourceIp: '127.0.0.1', userAgent: 'test' },
      });
    return { published, schedules, create };
  }

  it('puts an event of its account there, under its role', async () => {
    const it = worldUnder('events:PutEvents');
    await it.create(target);
    it.schedules.tick();
    expect(it.published).toMatchObject([
      { account: ACCOUNT, source: 'keywright.heartbeat', 'detail-type': 'heartbeat', detail: { customerId: 'acme' } },
    ]);
  });

  it('puts nothing there under a role that may not', async () => {
    const it = worldUnder('sqs:SendMessage');
    await it.create(target);
    it.schedules.tick();
    expect(it.published).toEqual([]);
  });

  it('is refused for another bus than the default one, and without what the event is to be', async () => {
    const it = worldUnder('events:PutEvents');
    const { EventBridgeParameters: _, ...bare } = target;
    for (const refused of [{ ...target, Arn: BUS.replace('default', 'other') }, bare])
      expect((await it.create(refused)).error?.message).toMatch(/^Target: /);
  });
});
