import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsError, type JsonObject } from '../../call';
import { openStore } from '../../store';
import { busArn, functionArn, type LocalEvents, localEvents, queueArn, START } from '../support/local-events';

const QUEUE = queueArn('queue');
const DEAD_LETTERS = queueArn('dead-letters');
const RULE = 'arn:aws:events:eu-central-1:111111111111:rule/rule';
const ENTRY = { Source: 'app', DetailType: 'thing-done', Detail: '{"n":1}' };
const BUSY = new AwsError('InternalFailure', 'Try again.', { status: 500 });

async function putRule(local: LocalEvents, target: JsonObject, rule: JsonObject = {}) {
  await local.call('PutRule', { Name: 'rule', EventPattern: '{"source":["app"]}', ...rule });
  await local.call('PutTargets', { Rule: 'rule', ...busOf(rule), Targets: [{ Id: 'target', Arn: QUEUE, ...target }] });
}
const busOf = ({ EventBusName }: JsonObject) => (EventBusName === undefined ? {} : { EventBusName });

async function putEvent(local: LocalEvents, entry: JsonObject = {}) {
  await local.call('PutEvents', { Entries: [{ ...ENTRY, ...entry }] });
  await local.settle();
}

function ready(): LocalEvents {
  const local = localEvents();
  local.targets.open(QUEUE, DEAD_LETTERS);
  return local;
}

describe('a delivery', () => {
  it('follows at once, as the service and with the rule that caused it', async () => {
    const local = ready();
    await putRule(local, {});

    await local.call('PutEvents', { Entries: [ENTRY] });
    await new Promise(setImmediate);

    const [message] = local.targets.messages(QUEUE);
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ source: 'app', detail: { n: 1 }, account: '111111111111' });
    expect(message?.as).toEqual({ service: 'events.amazonaws.com', sourceArn: RULE });
    expect(local.events.pending).toBe(0);
  });

  it('reaches every target of every matching rule, and no disabled rule', async () => {
    const local = ready();
    const fn = functionArn('fn');
    local.targets.open(fn);
    await putRule(local, {});
    await local.call('PutTargets', { Rule: 'rule', Targets: [{ Id: 'function', Arn: fn }] });
    await local.call('PutRule', { Name: 'off', EventPattern: '{"source":["app"]}', State: 'DISABLED' });
    await local.call('PutTargets', { Rule: 'off', Targets: [{ Id: 'target', Arn: QUEUE }] });

    await putEvent(local);

    expect(local.targets.bodies(QUEUE)).toHaveLength(1);
    expect(local.targets.invocations(fn)).toHaveLength(1);
  });

  it('gives a FIFO queue the group of its target', async () => {
    const local = ready();
    const fifo = queueArn('orders.fifo');
    local.targets.open(fifo);
    await putRule(local, { Arn: fifo, SqsParameters: { MessageGroupId: 'group' } });

    await putEvent(local);

    expect(local.targets.messages(fifo)[0]?.as.messageGroupId).toBe('group');
  });

  it('is tried again with growing pauses while the target fails, and then arrives once', async () => {
    const local = ready();
    await putRule(local, { DeadLetterConfig: { Arn: DEAD_LETTERS } });
    local.targets.refuse(QUEUE, BUSY);

    await putEvent(local);
    for (let tries = 0; tries < 5; tries += 1) await local.advance(1_000 * 2 ** tries);
    const whileBusy = local.events.pending;
    local.targets.refuse(QUEUE, undefined);
    await local.advance(60_000);

    expect(whileBusy).toBe(1);
    expect(local.targets.bodies(QUEUE)).toHaveLength(1);
    expect(local.targets.messages(DEAD_LETTERS)).toEqual([]);
    expect(local.events.pending).toBe(0);
  });

  it('does not try again before its pause is over', async () => {
    const local = ready();
    await putRule(local, {});
    local.targets.refuse(QUEUE, BUSY);
    await putEvent(local);
    local.targets.refuse(QUEUE, undefined);

    await local.advance(499);
    expect(local.targets.bodies(QUEUE)).toEqual([]);

    await local.advance(501);
    expect(local.targets.bodies(QUEUE)).toHaveLength(1);
  });

  it('becomes a dead letter after the attempts of its retry policy', async () => {
    const local = ready();
    await putRule(local, {
      RetryPolicy: { MaximumRetryAttempts: 2 },
      DeadLetterConfig: { Arn: DEAD_LETTERS },
      InputPath: '$.detail',
    });
    local.targets.refuse(QUEUE, BUSY);

    await putEvent(local);
    for (let tries = 0; tries < 3; tries += 1) await local.advance(10_000);

    const [letter, ...more] = local.targets.messages(DEAD_LETTERS);
    expect(more).toEqual([]);
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({ source: 'app', detail: { n: 1 } });
    expect(letter?.as.attributes).toEqual({
      RULE_ARN: RULE,
      TARGET_ARN: QUEUE,
      ERROR_CODE: 'ERROR_FROM_TARGET',
      ERROR_MESSAGE: 'Try again.',
      RETRY_ATTEMPTS: '2',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    });
    expect(local.events.pending).toBe(0);
  });

  it('becomes a dead letter when it grew older than its retry policy allows', async () => {
    const local = ready();
    await putRule(local, {
      RetryPolicy: { MaximumEventAgeInSeconds: 60 },
      DeadLetterConfig: { Arn: DEAD_LETTERS },
    });
    local.targets.refuse(QUEUE, BUSY);

    await putEvent(local);
    for (let seconds = 0; seconds < 60; seconds += 1) await local.advance(1_000);

    const [letter] = local.targets.messages(DEAD_LETTERS);
    expect(letter?.as.attributes).toMatchObject({ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' });
  });

  it.each([
    ['a missing queue', new AwsError('QueueDoesNotExist', 'gone'), 'NO_RESOURCE'],
    ['a refused permission', new AwsError('AccessDenied', 'no', { status: 403 }), 'NO_PERMISSIONS'],
  ])('goes to the dead-letter queue at once for %s', async (_, error, code) => {
    const local = ready();
    await putRule(local, { DeadLetterConfig: { Arn: DEAD_LETTERS } });
    local.targets.refuse(QUEUE, error);

    await putEvent(local);

    const [letter] = local.targets.messages(DEAD_LETTERS);
    expect(letter?.as.attributes).toMatchObject({ ERROR_CODE: code, RETRY_ATTEMPTS: '0' });
    expect(letter?.as.attributes).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION');
    expect(local.events.pending).toBe(0);
  });

  it('that holds characters which no message may hold arrives all the same, or is a dead letter', async () => {
    const detail = { pair: '\uFFFE\uFFFF\uD800\u0001' };
    for (const target of [{}, { Input: '\uFFFE' }]) {
      const local = ready();
      await putRule(local, { DeadLetterConfig: { Arn: DEAD_LETTERS }, ...target });

      await putEvent(local, { Detail: JSON.stringify(detail) });

      const taken = [...local.targets.bodies(QUEUE), ...local.targets.bodies(DEAD_LETTERS)];
      expect(taken).toMatchObject([{ detail }]);
    }
  });

  it('is given up when the dead-letter queue refuses it too', async () => {
    const local = ready();
    await putRule(local, { Arn: queueArn('missing'), DeadLetterConfig: { Arn: queueArn('missing-too') } });

    await putEvent(local);

    expect(local.events.pending).toBe(0);
  });

  it('survives a kill between acceptance and arrival', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'events-'));
    const store = openStore(folder);
    const killed = localEvents({ store });
    killed.targets.open(QUEUE);
    killed.targets.refuse(QUEUE, BUSY);
    await putRule(killed, {});
    await putEvent(killed);
    store.close();

    const reopened = openStore(folder);
    const local = localEvents({ store: reopened });
    local.targets.open(QUEUE);
    await local.advance(1_000);

    expect(local.targets.bodies(QUEUE)).toMatchObject([{ source: 'app' }]);
    reopened.close();
    rmSync(folder, { recursive: true });
  });
});

describe('planned faults', () => {
  const strike = (local: LocalEvents, kind: 'drop' | 'duplicate' | 'delay') =>
    local.world.faults.set([{ service: 'events', kind, probability: 1 }]);

  it('lose, double or hold back a delivery', async () => {
    const local = ready();
    await putRule(local, {});

    strike(local, 'drop');
    await putEvent(local);
    expect(local.targets.bodies(QUEUE)).toHaveLength(0);

    strike(local, 'duplicate');
    await putEvent(local);
    expect(local.targets.bodies(QUEUE)).toHaveLength(2);

    strike(local, 'delay');
    await putEvent(local);
    expect(local.targets.bodies(QUEUE)).toHaveLength(2);
    await local.advance(1_000);
    expect(local.targets.bodies(QUEUE)).toHaveLength(3);
    expect(local.events.pending).toBe(0);
  });

  it('let later events overtake', async () => {
    // Each event draws twice: whether the fault strikes, and how long it waits.
    const draws = [0, 0.9, 0, 0.1];
    const local = localEvents({ random: () => draws.shift() ?? 0.5 });
    local.targets.open(QUEUE);
    await putRule(local, { InputPath: '$.detail' });
    local.world.faults.set([{ service: 'events', kind: 'reorder', probability: 1, delayMs: 1_000 }]);

    await putEvent(local, { Detail: '{"n":1}' });
    await putEvent(local, { Detail: '{"n":2}' });
    await local.advance(500);
    await local.advance(500);

    expect(local.targets.bodies(QUEUE)).toEqual([{ n: 2 }, { n: 1 }]);
  });
});

describe('events of AWS services', () => {
  const record = {
    source: 'aws.kms',
    'detail-type': 'AWS API Call via CloudTrail',
    time: '2026-03-01T12:00:00Z',
    resources: [],
    detail: { eventName: 'Decrypt' },
  };
  const kmsRule = (State: string) => ({ EventPattern: '{"source":["aws.kms"]}', State });

  it.each([
    ['ENABLED', 0],
    ['ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', 1],
  ])('that only read reach a rule that is %s %i times', async (state, times) => {
    const local = ready();
    await putRule(local, {}, kmsRule(state));

    local.events.publish('111111111111', 'eu-central-1', record, { readOnlyManagement: true });
    await local.settle();

    expect(local.targets.bodies(QUEUE)).toHaveLength(times);
  });

  it('reach the default bus of their account and Region only', async () => {
    const local = ready();
    await local.call('CreateEventBus', { Name: 'custom' });
    await putRule(local, {}, { ...kmsRule('ENABLED'), EventBusName: 'custom' });
    await putRule(local, {}, kmsRule('ENABLED'));

    local.events.publish('222222222222', 'eu-central-1', record);
    local.events.publish('111111111111', 'eu-west-1', record);
    local.events.publish('111111111111', 'eu-central-1', record);
    await local.settle();

    expect(local.targets.bodies(QUEUE)).toMatchObject([{ ...record, account: '111111111111', region: 'eu-central-1' }]);
  });

  it('are asked for the wide state on the next bus as well when they only read', async () => {
    const local = ready();
    await local.call('CreateEventBus', { Name: 'custom' });
    await putRule(local, { Arn: busArn('custom') }, kmsRule('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'));
    await putRule(local, {}, { ...kmsRule('ENABLED'), EventBusName: 'custom' });

    local.events.publish('111111111111', 'eu-central-1', record, { readOnlyManagement: true });
    local.events.publish('111111111111', 'eu-central-1', { ...record, detail: { eventName: 'DisableKey' } });
    await local.settle();

    expect(local.targets.bodies(QUEUE)).toMatchObject([{ detail: { eventName: 'DisableKey' } }]);
  });
});

describe('scheduled rules', () => {
  const schedule = (ScheduleExpression: string) => ({ Name: 'rule', ScheduleExpression });
  async function putSchedule(local: LocalEvents, expression: string) {
    await local.call('PutRule', schedule(expression));
    await local.call('PutTargets', { Rule: 'rule', Targets: [{ Id: 'target', Arn: QUEUE }] });
  }

  it('send their event at their rate, first after one period', async () => {
    const local = ready();
    await putSchedule(local, 'rate(5 minutes)');

    await local.advance(299_999);
    expect(local.targets.bodies(QUEUE)).toEqual([]);

    await local.advance(1);
    await local.advance(300_000);
    expect(local.targets.bodies(QUEUE)).toMatchObject([
      {
        source: 'aws.events',
        'detail-type': 'Scheduled Event',
        time: '2026-03-01T12:05:00Z',
        resources: [RULE],
        detail: {},
      },
      { time: '2026-03-01T12:10:00Z' },
    ]);
  });

  it('send once, however many times they were due while the clock jumped', async () => {
    const local = ready();
    await putSchedule(local, 'rate(1 minute)');

    await local.advance(7 * 86_400_000);
    await local.settle();
    expect(local.targets.bodies(QUEUE)).toHaveLength(1);

    await local.advance(60_000);
    expect(local.targets.bodies(QUEUE)).toHaveLength(2);
  });

  it('send once for what fell due while nothing ran', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'events-'));
    const store = openStore(folder);
    const before = localEvents({ store });
    before.targets.open(QUEUE);
    await putSchedule(before, 'rate(1 hour)');
    store.close();

    const reopened = openStore(folder);
    const local = localEvents({
      store: reopened,
      clock: { now: () => START + 10_800_000, advance: () => {}, aheadMs: 0 },
    });
    local.targets.open(QUEUE);
    await local.settle();
    await local.settle();

    expect(local.targets.bodies(QUEUE)).toHaveLength(1);
    reopened.close();
    rmSync(folder, { recursive: true });
  });

  it('are silent while disabled and after they were deleted', async () => {
    const local = ready();
    await putSchedule(local, 'rate(1 minute)');

    await local.call('DisableRule', { Name: 'rule' });
    await local.advance(120_000);
    await local.call('EnableRule', { Name: 'rule' });
    await local.settle();
    expect(local.targets.bodies(QUEUE)).toEqual([]);

    await local.call('RemoveTargets', { Rule: 'rule', Ids: ['target'] });
    await local.call('DeleteRule', { Name: 'rule' });
    await local.advance(120_000);
    expect(local.targets.bodies(QUEUE)).toEqual([]);
  });

  it('are not woken by events', async () => {
    const local = ready();
    await putSchedule(local, 'rate(1 minute)');

    await putEvent(local);

    expect(local.targets.bodies(QUEUE)).toEqual([]);
  });
});
