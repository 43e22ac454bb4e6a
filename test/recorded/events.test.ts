import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AwsError, Json, JsonObject } from 'local-aws/call';
import {
  ACCOUNT,
  busArn,
  functionArn,
  type LocalEvents,
  localEvents,
  OTHER_ACCOUNT,
  queueArn,
} from 'local-aws/test/support/local-events';
import { differences } from 'local-aws/test/support/recording';

const FOLDER = resolve(__dirname, '../../../shared/data/aws-recorded/localstack');
const FILES = [
  'events.test_events',
  'events.test_events_targets',
  'events.test_events_cross_account_region',
  'events.test_archive_and_replay',
];

const HOME = 'us-east-1';
const ABROAD = 'us-west-2';
const QUEUE = queueArn('queue', ACCOUNT, HOME);
const FUNCTION = functionArn('function');
const DETAIL = { command: 'update-account', payload: { acc_id: '0a787ecb-4015', sf_id: 'baz' } };
const PATTERN = {
  source: ['core.update-account-command'],
  'detail-type': ['core.update-account-command'],
  detail: { command: ['update-account'] },
};
const ENTRY = {
  Source: 'core.update-account-command',
  DetailType: 'core.update-account-command',
  Detail: JSON.stringify(DETAIL),
};

/** What these cases are about is not part of local EventBridge. */
const OUT_OF_SCOPE: readonly (readonly [test: RegExp, reason: string])[] = [
  [/TestArchive|TestReplay/, 'archives and replays: Keywright backfills from CloudTrail log files instead'],
  [
    /test_create_connection_validations/,
    'connections and API destinations: nothing of Keywright calls out through them',
  ],
  [/target_api_gateway/, 'API Gateway as a target: local AWS delivers to queues, functions and buses'],
  [/target_kinesis/, 'Kinesis as a target: local AWS delivers to queues, functions and buses'],
  [/target_sns/, 'SNS as a target: local AWS delivers to queues, functions and buses'],
];

type Answers = Readonly<Record<string, Json>>;
type Conversation = (local: LocalEvents) => Promise<Answers>;

const here = { region: HOME };
const errorAnswer = ({ code, message, status }: AwsError) => ({
  Error: { Code: code, Message: message },
  ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: status },
});
const refused = async (local: LocalEvents, operation: string, input: JsonObject) =>
  errorAnswer(await local.refusal(operation, input, here));
const call = (local: LocalEvents, operation: string, input: JsonObject = {}) => local.call(operation, input, here);

interface RuleSpec {
  readonly Name?: string;
  readonly EventBusName?: string;
  readonly pattern?: JsonObject;
  readonly target: JsonObject;
}

/** A rule with one target; opens queue and function. */
async function putRule(local: LocalEvents, spec: RuleSpec, from: { region: string; account?: string } = here) {
  const { Name = 'rule', EventBusName = 'default', pattern = PATTERN, target } = spec;
  await local.call('PutRule', { Name, EventBusName, EventPattern: JSON.stringify(pattern) }, from);
  await local.call('PutTargets', { Rule: Name, EventBusName, Targets: [{ Id: 'target', ...target }] }, from);
}

const messagesOf = (local: LocalEvents, queue = QUEUE): Json =>
  local.targets.messages(queue).map(({ body }) => ({ MessageId: randomUUID(), Body: body }));

async function put(
  local: LocalEvents,
  entries: readonly JsonObject[],
  from: { region: string; account?: string } = here,
) {
  const answer = await local.call('PutEvents', { Entries: entries }, from);
  await local.settle();
  return answer;
}

function forwardingRole(local: LocalEvents): string {
  const arn = `arn:aws:iam::${ACCOUNT}:role/forward`;
  local.iam.putRole({
    arn,
    name: 'forward',
    accountId: ACCOUNT,
    principalId: 'AROAFORWARD',
    trustPolicy: {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    policies: [
      { Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: 'arn:aws:events:*:*:event-bus/*' }] },
    ],
  });
  return arn;
}

async function fromBusToBus(local: LocalEvents, names: readonly [string, string]): Promise<Answers> {
  for (const Name of names) if (Name !== 'default') await call(local, 'CreateEventBus', { Name });
  const target = { Arn: busArn(names[1], ACCOUNT, HOME), RoleArn: forwardingRole(local) };
  await putRule(local, { EventBusName: names[0], target });
  await putRule(local, { EventBusName: names[1], target: { Arn: QUEUE } });
  await put(local, [{ ...ENTRY, EventBusName: names[0] }]);
  return { messages: messagesOf(local) };
}

async function ofCustomBus(local: LocalEvents, settings: JsonObject): Promise<Answers> {
  const list = () => call(local, 'ListEventBuses', { NamePrefix: 'test-bus' });
  return {
    'create-custom-event-bus-us-east-1': await call(local, 'CreateEventBus', { Name: 'test-bus', ...settings }),
    'list-event-buses-after-create-us-east-1': await list(),
    'describe-custom-event-bus-us-east-1': await call(local, 'DescribeEventBus', { Name: 'test-bus' }),
    'delete-custom-event-bus-us-east-1': await call(local, 'DeleteEventBus', { Name: 'test-bus' }),
    'list-event-buses-after-delete-us-east-1': await list(),
  };
}

/** A message of an event on a primary bus in both accounts' or Regions' queues, and one of the secondary bus. */
async function acrossBuses(
  local: LocalEvents,
  bus: 'default' | 'custom',
  second: { readonly account: string; readonly region: string },
): Promise<Answers> {
  const name = bus === 'default' ? bus : 'a-bus';
  const [primary, secondary] = [{ account: ACCOUNT, region: HOME }, second];
  const secondQueue = queueArn('second', second.account, second.region);
  local.targets.open(secondQueue);
  for (const from of [primary, secondary]) {
    if (name !== 'default') await local.call('CreateEventBus', { Name: name }, from);
  }
  const permission = { Action: 'events:PutEvents', Principal: ACCOUNT, StatementId: 'primary' };
  await local.call('PutPermission', { EventBusName: name, ...permission }, secondary);
  const toQueue = { Id: 'queue', Arn: QUEUE };
  const toBus = { Id: 'bus', Arn: busArn(name, second.account, second.region), RoleArn: forwardingRole(local) };
  await putRule(local, { EventBusName: name, pattern: { source: ['source-primary'] }, target: toQueue }, primary);
  await local.call('PutTargets', { Rule: 'rule', EventBusName: name, Targets: [toBus] }, primary);
  const both = { source: ['source-primary', 'source-secondary'] };
  await putRule(local, { EventBusName: name, pattern: both, target: { Arn: secondQueue } }, secondary);

  await put(local, [{ ...ENTRY, Source: 'source-primary', EventBusName: name }], primary);
  await put(local, [{ ...ENTRY, Source: 'source-secondary', EventBusName: name }], secondary);
  const [fromPrimary, fromSecondary] = local.targets.messages(secondQueue).map(({ body }) => ({ Body: body }));
  return {
    messages_primary_queue_from_primary_event_bus: messagesOf(local),
    messages_secondary_queue_from_primary_event_bus: [fromPrimary ?? null],
    messages_secondary_queue_from_secondary_event_bus: [fromSecondary ?? null],
  };
}

async function permit(local: LocalEvents, EventBusName: string, StatementId: string, Principal: string): Promise<Json> {
  return call(local, 'PutPermission', { EventBusName, Action: 'events:PutEvents', Principal, StatementId });
}

async function matchDetail(local: LocalEvents, pattern: JsonObject, details: readonly Json[]): Promise<Answers> {
  await call(local, 'CreateEventBus', { Name: 'bus' });
  await putRule(local, { EventBusName: 'bus', pattern, target: { Arn: QUEUE, InputPath: '$.detail' } });
  const entries = details.map((detail) => ({ ...ENTRY, EventBusName: 'bus', Detail: JSON.stringify(detail) }));
  await put(local, entries);
  return { messages: messagesOf(local) };
}

const CARD_EVENT = (automations: Json): JsonObject => ({
  payload: {
    userId: 10,
    businessId: 3,
    channelId: 6,
    card: { foo: 'bar' },
    targetEntity: true,
    entityAuditTrailEvent: { foo: 'bar' },
    automations,
  },
});
const SEND_NOTIFICATION = { message: '', recipientEmails: [], subject: '', type: 'SEND_NOTIFICATION' };
const AUTOMATION = { id: '123', actions: [{ id: '321', type: 'SEND_NOTIFICATION', settings: SEND_NOTIFICATION }] };

async function toFunction(local: LocalEvents, automations: Json): Promise<Answers> {
  const actions = { type: ['SEND_NOTIFICATION'] };
  const pattern = { detail: { payload: { automations: { id: [{ exists: true }], actions } } } };
  await putRule(local, { pattern, target: { Arn: FUNCTION } });
  await put(local, [{ ...ENTRY, Detail: JSON.stringify(CARD_EVENT(automations)) }]);
  return { events: local.targets.invocations(FUNCTION) };
}

const oneRule = { Name: 'rule-name', EventBusName: 'default' };

const CONVERSATIONS: Readonly<Record<string, Conversation>> = {
  'test_create_list_describe_delete_custom_event_buses[False-regions0]': (local) => ofCustomBus(local, {}),
  'test_create_list_describe_delete_custom_event_buses[True-regions0]': (local) =>
    ofCustomBus(local, { Description: 'test bus' }),
  test_create_multiple_event_buses_same_name: async (local) => {
    await call(local, 'CreateEventBus', { Name: 'bus' });
    return { 'create-multiple-event-buses-same-name': await refused(local, 'CreateEventBus', { Name: 'bus' }) };
  },
  test_describe_delete_not_existing_event_bus: async (local) => ({
    'describe-not-existing-event-bus-error': await refused(local, 'DescribeEventBus', { Name: 'bus' }),
    'delete-not-existing-event-bus': await refused(local, 'DeleteEventBus', { Name: 'bus' }),
  }),
  test_list_event_buses_with_prefix: async (local) => {
    for (const Name of ['bus-one', 'another']) await call(local, 'CreateEventBus', { Name });
    return {
      'list-event-buses-prefix-complete-name': await call(local, 'ListEventBuses', { NamePrefix: 'bus-one' }),
      'list-event-buses-prefix': await call(local, 'ListEventBuses', { NamePrefix: 'bus-' }),
    };
  },
  'test_put_events_bus_to_bus[path]': (local) => fromBusToBus(local, ['one', 'two']),
  test_put_events_nonexistent_event_bus: async (local) => {
    await putRule(local, { pattern: { source: ['MySource'] }, target: { Arn: QUEUE } });
    const event = { Source: 'MySource', DetailType: 'CustomType' };
    const answer = await put(local, [
      { ...event, Detail: JSON.stringify({ message: 'for the default event bus' }) },
      { ...event, Detail: JSON.stringify({ message: 'for the custom event bus' }), EventBusName: 'missing' },
    ]);
    return {
      'put-events': answer,
      'get-events': messagesOf(local),
      'non-existent-bus-error': await refused(local, 'DescribeEventBus', { Name: 'missing' }),
    };
  },
  'test_put_permission[custom]': async (local) => {
    await call(local, 'CreateEventBus', { Name: 'bus' });
    const describe = () => call(local, 'DescribeEventBus', { Name: 'bus' });
    const first = await permit(local, 'bus', 'one', ACCOUNT);
    await permit(local, 'bus', 'two', ACCOUNT);
    await permit(local, 'bus', 'three', OTHER_ACCOUNT);
    const several = await describe();
    await permit(local, 'bus', 'four', '*');
    const everybody = await describe();
    const statement = { Sid: 'five', Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } };
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ ...statement, Action: 'events:ListRules', Resource: '*' }],
    });
    return {
      'put-permission': first,
      'describe-event-bus-put-permission-multiple-principals': several,
      'describe-event-bus-put-permission': everybody,
      'put-permission-policy': await call(local, 'PutPermission', { EventBusName: 'bus', Policy }),
      'describe-event-bus-put-permission-policy': await describe(),
    };
  },
  test_put_permission_non_existing_event_bus: async (local) => ({
    'remove-permission-non-existing-sid-error': await refused(local, 'PutPermission', {
      EventBusName: 'missing',
      Action: 'events:PutEvents',
      Principal: '*',
      StatementId: 'sid',
    }),
  }),
  'test_remove_permission[default]': async (local) => {
    const describe = () => call(local, 'DescribeEventBus');
    await permit(local, 'default', 'one', ACCOUNT);
    await permit(local, 'default', 'two', OTHER_ACCOUNT);
    return {
      'remove-permission': await call(local, 'RemovePermission', { StatementId: 'one' }),
      'describe-event-bus-remove-permission': await describe(),
      'remove-permission-all': await call(local, 'RemovePermission', { RemoveAllPermissions: true }),
      'describe-event-bus-remove-permission-all': await describe(),
    };
  },
  'test_remove_permission_non_existing_sid[False-default]': async (local) => ({
    'remove-permission-non-existing-sid-error': await refused(local, 'RemovePermission', { StatementId: 'missing' }),
  }),
  'test_remove_permission_non_existing_sid[True-default]': async (local) => {
    await permit(local, 'default', 'one', ACCOUNT);
    return {
      'remove-permission-non-existing-sid-error': await refused(local, 'RemovePermission', { StatementId: 'missing' }),
    };
  },
  test_put_events_pattern_with_values_in_array: (local) =>
    matchDetail(local, { detail: { event: { data: { type: ['1', '2'] } } } }, [
      { event: { data: { type: ['3', '1'] } } },
      { event: { data: { type: ['2'] } } },
      { event: { data: { type: ['3'] } } },
    ]),
  test_describe_nonexistent_rule: async (local) => ({
    'describe-not-existing-rule-error': await refused(local, 'DescribeRule', oneRule),
  }),
  'test_disable_re_enable_rule[default]': async (local) => {
    await call(local, 'PutRule', { ...oneRule, EventPattern: JSON.stringify(PATTERN) });
    return {
      'disable-rule': await call(local, 'DisableRule', oneRule),
      'describe-rule-disabled': await call(local, 'DescribeRule', oneRule),
      'enable-rule': await call(local, 'EnableRule', oneRule),
      'describe-rule-enabled': await call(local, 'DescribeRule', oneRule),
    };
  },
  'test_list_rule_names_by_target[default]': async (local) => {
    for (const index of [0, 1, 2]) await putRule(local, { Name: `rule-${index}`, target: { Arn: QUEUE } });
    return { list_rule_names_by_target: await call(local, 'ListRuleNamesByTarget', { TargetArn: QUEUE }) };
  },
  'test_list_rule_names_by_target_no_matches[default]': async (local) => ({
    list_rule_names_by_target_no_matches: await call(local, 'ListRuleNamesByTarget', { TargetArn: QUEUE }),
  }),
  'test_list_rule_names_by_target_with_limit[default]': async (local) => {
    for (const index of [0, 1, 2, 3, 4]) await putRule(local, { Name: `rule-${index}`, target: { Arn: QUEUE } });
    const page = (token?: Json) =>
      call(local, 'ListRuleNamesByTarget', { TargetArn: QUEUE, Limit: 2, ...(token ? { NextToken: token } : {}) });
    const first_page = await page();
    const second_page = await page(first_page['NextToken']);
    return { first_page, second_page, third_page: await page(second_page['NextToken']) };
  },
  test_process_pattern_to_single_matching_rules_single_target: async (local) => {
    const rule = (name: string, detail: JsonObject) =>
      putRule(local, {
        Name: name,
        pattern: { detail },
        target: {
          Arn: FUNCTION,
          InputTransformer: { InputPathsMap: { detail: '$.detail' }, InputTemplate: `{"${name}": <detail>}` },
        },
      });
    await rule('detail-payload-with-id', { payload: { id: ['123'] } });
    await rule('detail-with-id', { id: ['123'] });
    const after = async (detail: Json) => {
      await put(local, [{ ...ENTRY, Detail: JSON.stringify(detail) }]);
      return [...local.targets.invocations(FUNCTION)];
    };
    return { 'events-1': await after({ payload: { id: '123' } }), 'events-2': await after({ id: '123' }) };
  },
  test_process_to_single_matching_rules_single_target: async (local) => {
    const sources = ['source-one', 'source-two', 'source-three'];
    for (const Name of sources) await putRule(local, { Name, pattern: { source: [Name] }, target: { Arn: FUNCTION } });
    const answers: Record<string, Json> = {};
    for (const Source of sources) {
      await put(local, [{ ...ENTRY, Source }]);
      answers[`events-${Source}`] = [...local.targets.invocations(FUNCTION)];
    }
    return answers;
  },
  'test_put_list_with_prefix_describe_delete_rule[default]': async (local) => {
    const list = () => call(local, 'ListRules', { NamePrefix: 'rule-name' });
    return {
      'put-rule': await call(local, 'PutRule', { ...oneRule, EventPattern: JSON.stringify(PATTERN) }),
      'list-rules': await list(),
      'describe-rule': await call(local, 'DescribeRule', oneRule),
      'delete-rule': await call(local, 'DeleteRule', oneRule),
      'list-rules-after-delete': await list(),
    };
  },
  test_update_rule_with_targets: async (local) => {
    await putRule(local, { target: { Arn: QUEUE } });
    const list = () => call(local, 'ListTargetsByRule', { Rule: 'rule' });
    return {
      'list-targets': await list(),
      'update-rule': await call(local, 'PutRule', { Name: 'rule', EventPattern: JSON.stringify(PATTERN) }),
      'list-targets-after-update': await list(),
    };
  },
  test_list_target_by_rule_limit: async (local) => {
    await call(local, 'PutRule', { Name: 'rule', EventPattern: JSON.stringify(PATTERN) });
    const Targets = [0, 1, 2, 3, 4].map((index) => ({ Id: `target-${index}`, Arn: QUEUE }));
    await call(local, 'PutTargets', { Rule: 'rule', Targets });
    const first = await call(local, 'ListTargetsByRule', { Rule: 'rule', Limit: 3 });
    const NextToken = first['NextToken'] ?? null;
    return {
      'list-targets-limit': first,
      'list-targets-limit-next-token': await call(local, 'ListTargetsByRule', { Rule: 'rule', Limit: 3, NextToken }),
    };
  },
  'test_put_list_remove_target[default]': async (local) => {
    await call(local, 'PutRule', { Name: 'rule', EventPattern: JSON.stringify(PATTERN) });
    const list = () => call(local, 'ListTargetsByRule', { Rule: 'rule' });
    const Targets = [{ Id: 'target', Arn: QUEUE }];
    return {
      'put-target': await call(local, 'PutTargets', { Rule: 'rule', Targets }),
      'list-targets': await list(),
      'remove-target': await call(local, 'RemoveTargets', { Rule: 'rule', Ids: ['target'] }),
      'list-targets-after-delete': await list(),
    };
  },
  test_put_multiple_targets_with_same_arn_single_rule: async (local) => {
    await call(local, 'PutRule', { Name: 'rule', EventPattern: JSON.stringify(PATTERN) });
    const Targets = [
      { Id: 'target-id-one', Arn: QUEUE, InputPath: '$.detail' },
      { Id: 'target-id-two', Arn: QUEUE, InputPath: '$.doesnotexist' },
    ];
    await call(local, 'PutTargets', { Rule: 'rule', Targets });
    return { 'list-targets': await call(local, 'ListTargetsByRule', { Rule: 'rule' }) };
  },
  test_put_multiple_targets_with_same_id_single_rule: async (local) => {
    await call(local, 'PutRule', { Name: 'rule', EventPattern: JSON.stringify(PATTERN) });
    for (const InputPath of ['$.detail', '$.notexisting']) {
      await call(local, 'PutTargets', { Rule: 'rule', Targets: [{ Id: 'target-id', Arn: QUEUE, InputPath }] });
    }
    return { 'list-targets': await call(local, 'ListTargetsByRule', { Rule: 'rule' }) };
  },
  'test_put_event_malformed_detail[MALFORMED_JSON]': async (local) => ({
    'put-events': await put(local, [{ ...ENTRY, Detail: '{"a": ' }]),
  }),
  'test_put_event_malformed_detail[STRING]': async (local) => ({
    'put-events': await put(local, [{ ...ENTRY, Detail: '"text"' }]),
  }),
  test_put_event_without_detail: async (local) => ({
    'put-events': await put(local, [{ Source: 'source', DetailType: 'Test' }]),
  }),
  test_put_events_without_source: async (local) => ({
    'put-events': await put(local, [{ DetailType: 'Test', Detail: '{}' }]),
  }),
  'test_put_events_exceed_limit_ten_entries[custom]': async (local) => {
    await call(local, 'CreateEventBus', { Name: 'bus' });
    const Entries = new Array<JsonObject>(11).fill({ ...ENTRY, Detail: PYTHON_DETAIL, EventBusName: 'bus' });
    return { 'put-events-exceed-limit-error': await refused(local, 'PutEvents', { Entries }) };
  },
  test_put_events_response_entries_order: async (local) => {
    const second = queueArn('second', ACCOUNT, HOME);
    local.targets.open(second);
    await putRule(local, { Name: 'one', target: { Arn: QUEUE } });
    await putRule(local, { Name: 'two', target: { Arn: second } });
    return {
      'put-events-response': await put(local, [ENTRY]),
      'sqs-messages': { queue1_messages: messagesOf(local), queue2_messages: messagesOf(local, second) },
    };
  },
  test_put_events_with_target_delivery_failure: async (local) => {
    await putRule(local, { target: { Arn: queueArn('missing', ACCOUNT, HOME) } });
    return { 'put-events-response': await put(local, [ENTRY]) };
  },
  'test_put_events_with_target_events[bus_combination0]': (local) => fromBusToBus(local, ['default', 'custom']),
  'test_put_events_with_target_events[bus_combination2]': (local) => fromBusToBus(local, ['custom', 'default']),
  test_put_events_with_target_lambda_list_entries_partial_match: (local) =>
    toFunction(local, [{ foo: 'bar' }, AUTOMATION, { bar: 'foo' }]),
  test_put_events_with_target_lambda_list_entry: (local) => toFunction(local, [AUTOMATION]),
  test_put_events_with_target_sqs_event_detail_match: (local) =>
    matchDetail(local, { detail: { EventType: ['0', '1'] } }, [{ EventType: '1' }, { EventType: '2' }]),
  'test_put_events[custom-account]': async (local) => {
    const second = { account: OTHER_ACCOUNT, region: HOME };
    await local.call('CreateEventBus', { Name: 'a-bus' }, second);
    const permission = { Action: 'events:PutEvents', Principal: ACCOUNT, StatementId: 'primary' };
    await local.call('PutPermission', { EventBusName: 'a-bus', ...permission }, second);
    const secondQueue = queueArn('second', OTHER_ACCOUNT, HOME);
    local.targets.open(secondQueue);
    const pattern = { source: ['source-primary'] };
    await putRule(local, { EventBusName: 'a-bus', pattern, target: { Arn: secondQueue } }, second);
    const EventBusName = busArn('a-bus', OTHER_ACCOUNT, HOME);
    await put(local, [{ ...ENTRY, Source: 'source-primary', EventBusName }]);
    return { messages: messagesOf(local, secondQueue) };
  },
  'test_event_bus_to_event_bus_cross_account_region[custom-region]': (local) =>
    acrossBuses(local, 'custom', { account: ACCOUNT, region: ABROAD }),
  'test_event_bus_to_event_bus_cross_account_region[default-account]': (local) =>
    acrossBuses(local, 'default', { account: OTHER_ACCOUNT, region: HOME }),
  'test_event_bus_to_event_bus_cross_account_region[default-region_account]': (local) =>
    acrossBuses(local, 'default', { account: OTHER_ACCOUNT, region: ABROAD }),
};

/** As the recorder wrote it. */
const PYTHON_DETAIL = '{"command": "update-account", "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"}}';

interface Recording {
  readonly test: string;
  readonly content: Json;
}

const recordings: readonly Recording[] = FILES.flatMap((file) => {
  const text = readFileSync(resolve(FOLDER, `${file}.snapshot.json`), 'utf8');
  const cases = JSON.parse(text) as Readonly<Record<string, { readonly 'recorded-content': Json }>>;
  return Object.entries(cases).map(([test, recorded]) => ({ test, content: recorded['recorded-content'] }));
});

const reasonFor = (test: string) => OUT_OF_SCOPE.find(([pattern]) => pattern.test(test))?.[1];
const inScope = recordings.filter(({ test }) => reasonFor(test) === undefined);
const passed: string[] = [];

afterAll(() => {
  const out = recordings.filter(({ test }) => reasonFor(test) !== undefined);
  const reasons = out.map(({ test }) => `\n  ${test.replace(/^.*::/, '')}: ${reasonFor(test)}`);
  console.log(
    `recorded events: ${inScope.length} cases ran, ${passed.length} passed, ${out.length} out of scope${reasons.join('')}`,
  );
});

it('reads every recording', () => expect(recordings).toHaveLength(66));

it.each(inScope)('answers as recorded: $test', async ({ test, content }) => {
  const conversation = CONVERSATIONS[test.replace(/^.*::/, '')];
  if (conversation === undefined) throw new Error('This recording has no conversation; write one, or say why not.');
  const local = localEvents();
  local.targets.open(QUEUE, FUNCTION);

  const answers = await conversation(local);

  expect(differences(content, answers)).toEqual([]);
  passed.push(test);
});
