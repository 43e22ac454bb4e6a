import type { JsonObject } from '../../call';
import { ACCOUNT, busArn, localEvents, queueArn } from '../support/local-events';

const QUEUE = queueArn('queue');
const ENTRY = { Source: 'app', DetailType: 'thing-done', Detail: '{}' };
const RULE = { Name: 'rule', EventPattern: '{"source":["app"]}' };
const RULE_ARN = `arn:aws:events:eu-central-1:${ACCOUNT}:rule/rule`;

describe('PutEvents', () => {
  it('accepts the good entries beside those it refuses, in their order', async () => {
    const local = localEvents();
    local.targets.open(QUEUE);
    await local.call('PutRule', RULE);
    await local.call('PutTargets', { Rule: 'rule', Targets: [{ Id: 'target', Arn: QUEUE, InputPath: '$.detail' }] });

    const answer = await local.call('PutEvents', {
      Entries: [
        { ...ENTRY, Detail: '{"n":1}' },
        { ...ENTRY, Source: 'aws.kms' },
        { Source: 'app', Detail: '{}' },
        { ...ENTRY, Detail: '[]' },
        { ...ENTRY, DetailType: 'x'.repeat(129) },
        { ...ENTRY, Detail: '{"n":2}' },
      ],
    });
    await local.settle();

    expect(answer).toMatchObject({
      FailedEntryCount: 4,
      Entries: [
        { EventId: expect.any(String) },
        { ErrorCode: 'NotAuthorizedForSourceException' },
        { ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining('DetailType is a required argument') },
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'InvalidArgument' },
        { EventId: expect.any(String) },
      ],
    });
    expect(local.targets.bodies(QUEUE)).toHaveLength(2);
  });

  it('writes the time of the entry, or its own, to the second', async () => {
    const local = localEvents();
    local.targets.open(QUEUE);
    await local.call('PutRule', RULE);
    await local.call('PutTargets', { Rule: 'rule', Targets: [{ Id: 'target', Arn: QUEUE }] });

    await local.call('PutEvents', { Entries: [{ ...ENTRY, Time: 1_767_225_600.9, Resources: ['a'] }, ENTRY] });
    await local.settle();

    const events = [...local.targets.bodies(QUEUE)].sort((one) => (one['time'] === '2026-01-01T00:00:00Z' ? -1 : 1));
    expect(events).toMatchObject([
      { time: '2026-01-01T00:00:00Z', resources: ['a'] },
      { time: '2026-03-01T12:00:00Z', resources: [] },
    ]);
  });

  it('takes one megabyte and no byte more', async () => {
    const local = localEvents();
    const sized = (bytes: number) => {
      const fixed = 'app'.length + 'thing-done'.length + '{"x":""}'.length;
      return { Entries: [{ ...ENTRY, Detail: JSON.stringify({ x: 'x'.repeat(bytes - fixed) }) }] };
    };

    expect(await local.call('PutEvents', sized(1_048_576))).toMatchObject({ FailedEntryCount: 0 });
    expect((await local.refusal('PutEvents', sized(1_048_577))).message).toContain('over the limit');
    expect((await local.refusal('PutEvents', { Entries: [] })).code).toBe('ValidationException');
  });

  it('is not logged by CloudTrail', async () => {
    expect((await localEvents().outcome('PutEvents', { Entries: [ENTRY] })).trail).toBeUndefined();
  });
});

describe('rules', () => {
  it.each<[string, JsonObject, string]>([
    ['neither pattern nor schedule', { Name: 'rule' }, 'EventPattern or ScheduleExpression must be specified'],
    [
      'a schedule on a custom bus',
      { Name: 'rule', ScheduleExpression: 'rate(1 minute)', EventBusName: 'bus' },
      'only on the default',
    ],
    [
      'a wrong schedule',
      { Name: 'rule', ScheduleExpression: 'rate(1 minutes)' },
      'Parameter ScheduleExpression is not valid.',
    ],
    ['a wrong pattern', { Name: 'rule', EventPattern: '{"source":"app"}' }, '"source" must be an object or an array'],
    ['a wrong state', { ...RULE, State: 'ON' }, "Value 'ON' at 'state' failed to satisfy constraint"],
    ['a wrong name', { ...RULE, Name: 'a b' }, "Value 'a b' at 'name' failed to satisfy constraint"],
    ['a missing bus', { ...RULE, EventBusName: 'missing' }, 'Event bus missing does not exist.'],
  ])('are refused with %s, and nothing is kept', async (_, input, reason) => {
    const local = localEvents();
    await local.call('CreateEventBus', { Name: 'bus' });

    const { message } = await local.refusal('PutRule', input);

    expect(message).toContain(reason);
    expect(await local.call('ListRules')).toEqual({ Rules: [] });
  });

  it('keep the old pattern when a new one is refused', async () => {
    const local = localEvents();
    await local.call('PutRule', RULE);

    await local.refusal('PutRule', { Name: 'rule', EventPattern: '{}' });

    expect(await local.call('DescribeRule', { Name: 'rule' })).toMatchObject({ EventPattern: RULE.EventPattern });
  });

  it('cannot be deleted while they have targets, nor a bus while it has rules', async () => {
    const local = localEvents();
    await local.call('CreateEventBus', { Name: 'bus' });
    const onBus = { EventBusName: 'bus' };
    await local.call('PutRule', { ...RULE, ...onBus });
    await local.call('PutTargets', { Rule: 'rule', ...onBus, Targets: [{ Id: 'target', Arn: QUEUE }] });

    expect((await local.refusal('DeleteRule', { Name: 'rule', ...onBus })).message).toContain('since it has targets');
    expect((await local.refusal('DeleteEventBus', { Name: 'bus' })).message).toContain('since it has rules');

    await local.call('RemoveTargets', { Rule: 'rule', ...onBus, Ids: ['target'] });
    await local.call('DeleteRule', { Name: 'rule', ...onBus });
    await local.call('DeleteRule', { Name: 'rule', ...onBus });
    await local.call('DeleteEventBus', { Name: 'bus' });
    expect((await local.refusal('DeleteEventBus', { Name: 'default' })).message).toBe(
      'Cannot delete event bus default.',
    );
  });

  it('number 300 on a bus, of which 30 use wildcards', async () => {
    const local = localEvents();
    const wild = { EventPattern: '{"a":[{"wildcard":"x*"}]}' };
    for (let index = 0; index < 30; index += 1) await local.call('PutRule', { Name: `wild-${index}`, ...wild });

    expect((await local.refusal('PutRule', { Name: 'wild-30', ...wild })).code).toBe('LimitExceededException');
    await local.call('PutRule', { Name: 'wild-29', ...wild });

    for (let index = 30; index < 300; index += 1) await local.call('PutRule', { ...RULE, Name: `rule-${index}` });
    expect((await local.refusal('PutRule', RULE)).code).toBe('LimitExceededException');
  });

  it('are compared with an event by TestEventPattern', async () => {
    const local = localEvents();
    const event = {
      id: '1',
      account: ACCOUNT,
      source: 'app',
      time: 't',
      region: 'r',
      resources: [],
      'detail-type': 'd',
    };
    const test = (Event: JsonObject) => ({ EventPattern: RULE.EventPattern, Event: JSON.stringify(Event) });

    expect(await local.call('TestEventPattern', test(event))).toEqual({ Result: true });
    expect(await local.call('TestEventPattern', test({ ...event, source: 'other' }))).toEqual({ Result: false });
    const { message } = await local.refusal('TestEventPattern', test({ source: 'app' }));
    expect(message).toContain('id is a required argument');
  });
});

describe('targets', () => {
  it.each<[string, JsonObject, string]>([
    [
      'a service that nothing is delivered to',
      { Arn: `arn:aws:kinesis:eu-central-1:${ACCOUNT}:stream/s` },
      'delivers to SQS queues',
    ],
    ['two ways of making the input', { Arn: QUEUE, Input: '{}', InputPath: '$' }, 'Only one of Input'],
    ['a FIFO queue without a group', { Arn: `${QUEUE}.fifo` }, 'SqsParameters must be specified for target: target'],
    ['the bus of the rule itself', { Arn: busArn('default') }, 'cannot be the target of its own rule'],
    [
      'a bus and an input',
      { Arn: busArn('other'), Input: '{}' },
      'Modifying the input for target target is not supported.',
    ],
    ['too many retries', { Arn: QUEUE, RetryPolicy: { MaximumRetryAttempts: 186 } }, 'less than or equal to 185'],
  ])('are refused with %s', async (_, target, reason) => {
    const local = localEvents();
    await local.call('PutRule', RULE);

    const { message } = await local.refusal('PutTargets', { Rule: 'rule', Targets: [{ Id: 'target', ...target }] });

    expect(message).toContain(reason);
  });

  it('are five at most, and stay as they were when a sixth is refused', async () => {
    const local = localEvents();
    await local.call('PutRule', RULE);
    const Targets = Array.from({ length: 6 }, (_, index) => ({ Id: `t${index}`, Arn: QUEUE }));

    await local.call('PutTargets', { Rule: 'rule', Targets: Targets.slice(0, 5) });
    const { code } = await local.refusal('PutTargets', { Rule: 'rule', Targets: Targets.slice(5) });

    expect(code).toBe('LimitExceededException');
    expect((await local.call('ListTargetsByRule', { Rule: 'rule' }))['Targets']).toHaveLength(5);
  });
});

it.each([
  ['PutRule', RULE],
  ['CreateEventBus', { Name: 'bus' }],
])('%s refuses tags, which nothing here could show again, and takes an empty list', async (operation, input) => {
  const local = localEvents();

  const { code, message } = await local.refusal(operation, { ...input, Tags: [{ Key: 'a', Value: '1' }] });
  await local.call(operation, { ...input, Tags: [] });

  expect(code).toBe('ValidationException');
  expect(message).toContain("at 'tags' failed to satisfy constraint: Local EventBridge keeps no tags; leave them out");
});

describe('CloudTrail', () => {
  it('is told of management calls, also of those that failed', async () => {
    const local = localEvents();

    const made = await local.outcome('PutRule', RULE);
    const read = await local.outcome('DescribeRule', { Name: 'rule' });
    const failed = await local.outcome('DescribeRule', { Name: 'missing' });

    expect(made.trail).toEqual({
      eventSource: 'events.amazonaws.com',
      readOnly: false,
      requestParameters: { name: 'rule', eventPattern: RULE.EventPattern },
      responseElements: { ruleArn: RULE_ARN },
    });
    expect(read.trail).toMatchObject({ readOnly: true, responseElements: null });
    expect(failed.error?.code).toBe('ResourceNotFoundException');
    expect(failed.trail).toMatchObject({ requestParameters: { name: 'missing' }, responseElements: null });
  });
});

it('an operation that is not there is refused by name', async () => {
  for (const operation of ['CreateArchive', 'TagResource', 'UntagResource', 'ListTagsForResource']) {
    expect((await localEvents().refusal(operation)).message).toContain(`no operation ${operation}`);
  }
  expect((await localEvents().refusal('toString')).code).toBe('UnknownOperationException');
});
