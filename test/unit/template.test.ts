/** The template that deploys, as osls makes it: promises that a slip in serverless.yml would break in silence. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { kmsUsePattern } from '../../events/cloudtrail-envelope';
import { operationsOf } from '../../events/kms-operations';
import { beatsOf } from '../../shared/domain/availability/self-watch/heartbeat';
import { DUE_PARTS } from '../../shared/domain/ports';
import { VARIABLE_OF } from '../../shared/runtime/config';

const ROOT = join(__dirname, '../..');

/**
 * A bundle may be so large: what a cold start reads and parses. No page waits for those that hold every operation, or every
 * destination; those that look at keys stay warm, and read roles as well.
 */
const BUNDLE_BYTES_MAX = 450 * 1024;
const WIDE_BUNDLE_BYTES_MAX = 600 * 1024;
const WIDE = ['reconcile-trail', 'api', 'deliver-entries', 'assess-key', 'probe-keys'];

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Record<string, unknown>;
}
interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

const template = JSON.parse(
  readFileSync(join(ROOT, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
) as { readonly Resources: Record<string, Resource>; readonly Outputs: Record<string, { readonly Value: unknown }> };

const functionNames = readdirSync(join(ROOT, 'functions')).map((file) => file.replace(/\.ts$/, ''));

const ofType = (type: string) => Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
const ids = (entries: readonly [string, Resource][]) => entries.map(([id]) => id);
const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Record<string | number, unknown> | undefined)?.[name], value);

test('the rules that receive uses of keys are in the state that delivers read-only management events', () => {
  const wide = ids(
    ofType('AWS::Events::Rule').filter(
      ([, rule]) => rule.Properties['State'] === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    ),
  );
  expect(wide.sort()).toEqual(['RecordKeyEventsCustomerEventsRule', 'RecordKeyEventsKeyUsesRule']);
});

test('every operation that uses a key is received, and no other read', () => {
  const received = at(template.Resources['RecordKeyEventsKeyUsesRule'], 'Properties', 'EventPattern');
  const eventName = at(received, 'detail', 'eventName') as readonly string[];

  expect([...eventName].sort()).toEqual([...operationsOf('crypto-use')].sort());
  expect(received).toMatchObject({ ...kmsUsePattern, detail: { ...kmsUsePattern.detail, eventName } });
});

test('every rule on the bus that admits other accounts pins the account', () => {
  const onCustomerBus = ofType('AWS::Events::Rule').filter(
    ([, rule]) => at(rule.Properties, 'EventBusName', 'Ref') === 'CustomerBus',
  );
  expect(onCustomerBus.length).toBeGreaterThan(0);
  for (const [, rule] of onCustomerBus) {
    expect(at(rule.Properties, 'EventPattern', 'account', 0, 'anything-but', 0)).toEqual({ Ref: 'AWS::AccountId' });
  }
});

test('every target of a rule has dead letters and both limits of its retries', () => {
  const rules = ofType('AWS::Events::Rule');
  expect(rules.length).toBeGreaterThan(10);
  for (const [, rule] of rules) {
    expect(rule.Properties['Targets']).not.toEqual([]);
    for (const target of rule.Properties['Targets'] as readonly Record<string, unknown>[]) {
      expect(target).toMatchObject({
        DeadLetterConfig: expect.anything(),
        RetryPolicy: { MaximumEventAgeInSeconds: expect.any(Number), MaximumRetryAttempts: expect.any(Number) },
      });
    }
  }
});

test('each part of what is due to be looked at has a schedule of its own, and a run of its own', () => {
  const inputs = ofType('AWS::Scheduler::Schedule')
    .filter(([id]) => id.startsWith('ProbeKeysSchedule'))
    .map(
      ([, schedule]) => JSON.parse(String(at(schedule.Properties, 'Target', 'Input'))) as { readonly detail: object },
    );
  const [mapping] = ofType('AWS::Lambda::EventSourceMapping').filter(
    ([, { Properties }]) => at(Properties, 'EventSourceArn', 'Fn::GetAtt', 0) === 'ProbeKeysQueue',
  );

  expect(inputs.map(({ detail }) => detail)).toEqual(Array.from({ length: DUE_PARTS }, (_, part) => ({ part })));
  expect(mapping?.[1].Properties['BatchSize']).toBe(1);
});

test('every function has a role of its own, and its trigger answers for each message', () => {
  const roles = ofType('AWS::Lambda::Function').map(([, fn]) => at(fn.Properties, 'Role', 'Fn::GetAtt', 0));
  expect(new Set(roles).size).toBe(functionNames.length);

  const mappings = ofType('AWS::Lambda::EventSourceMapping');
  expect(mappings.length + ofType('AWS::Lambda::Url').length).toBe(functionNames.length);
  for (const [, mapping] of mappings) {
    expect(mapping.Properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
  }
});

test('an application changes nothing but data keys and reports, and reads no row of the control table but three kinds', () => {
  const policy = template.Resources['ApplicationPolicy']?.Properties as unknown as Policy;
  const onTable = (table: string) =>
    policy.PolicyDocument.Statement.filter(({ Resource }) => JSON.stringify(Resource).includes(table));

  expect(onTable('ControlTable')).toMatchObject([
    {
      Action: ['dynamodb:GetItem', 'dynamodb:ConditionCheckItem'],
      Condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['data-store#*', 'kms-key#*', 'customer-window#*'] },
      },
    },
  ]);
  expect(onTable('ReportTable').map(({ Action }) => Action)).toEqual(['dynamodb:UpdateItem']);
  expect(onTable('DataKeyTable').map(({ Action }) => Action)).toEqual([
    ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
  ]);
});

test('what people call asks for a signature, and is open to nobody by the template itself but what customers read', () => {
  const urls = ofType('AWS::Lambda::Url').filter(([id]) => !isOfLinks(id));

  expect(urls.map(([, url]) => url.Properties['AuthType'])).toEqual(['AWS_IAM', 'AWS_IAM', 'AWS_IAM', 'AWS_IAM']);
  expect(ids(ofType('AWS::Lambda::Permission')).filter((id) => !isOfLinks(id) && !isOfReaders(id))).toEqual([]);
});

const isOfLinks = (id: string) => id.startsWith('AcknowledgeDashpage');
const isOfReaders = (id: string) => id.startsWith('ReadAudit');

test('any account’s principals may read an audit log by the URL alone, signed, and a few at once; it reads two kinds of things', () => {
  const FunctionName = { 'Fn::GetAtt': ['ReadDashauditLambdaFunction', 'Arn'] };
  const opened = ofType('AWS::Lambda::Permission').filter(([id]) => isOfReaders(id));
  const fn = template.Resources['ReadDashauditLambdaFunction'];
  const [, ...may] = at(
    template.Resources['ReadAuditRole'],
    'Properties',
    'Policies',
    0,
    'PolicyDocument',
    'Statement',
  ) as readonly (Statement & { readonly Condition?: unknown })[];

  expect(opened.map(([, { Properties }]) => Properties)).toEqual([
    { FunctionName, Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'AWS_IAM' },
    { FunctionName, Principal: '*', Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
  ]);
  expect(template.Resources['ReadDashauditLambdaFunctionUrl']?.Properties['AuthType']).toBe('AWS_IAM');
  expect(fn?.Properties['ReservedConcurrentExecutions']).toBe(20);
  expect(may.map(({ Action, Condition }) => [Action, Condition])).toEqual([
    [
      'dynamodb:GetItem',
      {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['audit-reader#*'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    ],
    ['s3:GetObject', undefined],
    ['s3:ListBucket', undefined],
  ]);
});

describe('what links in pages open', () => {
  const KEY = { 'Fn::GetAtt': ['LinkKey', 'Arn'] };
  const statementsOf = (role: Resource | undefined) =>
    at(role, 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement') as readonly (Statement & {
      readonly Condition?: unknown;
    })[];

  test('anybody may call it by its URL, and a few at once: no flood of it takes what pages depend on', () => {
    const [fn] = ofType('AWS::Lambda::Function').filter(([id]) => isOfLinks(id));
    const ofLinks = ofType('AWS::Lambda::Permission').filter(([id]) => isOfLinks(id));
    const opened = ofLinks.map(([, { Properties }]) => [
      Properties['Action'],
      Properties['Principal'],
      Properties['FunctionUrlAuthType'] ?? Properties['InvokedViaFunctionUrl'],
    ]);

    expect(template.Resources['AcknowledgeDashpageLambdaFunctionUrl']?.Properties['AuthType']).toBe('NONE');
    expect(opened).toEqual([
      ['lambda:InvokeFunctionUrl', '*', 'NONE'],
      ['lambda:InvokeFunction', '*', true],
    ]);
    expect(fn?.[1].Properties['ReservedConcurrentExecutions']).toBe(5);
  });

  test('it may verify links and sign none, read incidents, and write incidents and facts', () => {
    const only = (...rows: readonly string[]) => ({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': rows },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    });
    const [, ...may] = statementsOf(template.Resources['AcknowledgePageRole']);

    expect(may.map(({ Action, Condition }) => [Action, Condition])).toEqual([
      ['kms:VerifyMac', { StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' } }],
      ['dynamodb:GetItem', only('incident#*')],
      ['dynamodb:PutItem', only('incident#*', 'fact#*')],
    ]);
  });

  test('only who pages on-call signs links', () => {
    const may = (action: string) =>
      ofType('AWS::IAM::Role').flatMap(([id, role]) =>
        statementsOf(role)
          .filter(({ Action }) => [Action].flat().includes(action))
          .map(({ Resource }) => [id, Resource]),
      );

    expect(may('kms:GenerateMac')).toEqual([
      ['PageOncallRole', KEY],
      ['PageOverdueRole', KEY],
    ]);
    expect(may('kms:VerifyMac')).toEqual([['AcknowledgePageRole', KEY]]);
    expect(template.Resources['LinkKey']?.Properties).toMatchObject({
      KeySpec: 'HMAC_256',
      KeyUsage: 'GENERATE_VERIFY_MAC',
    });
  });
});

test.each([
  ['OperatorPolicy', 'keywright-dev-operator', 'keywright-dev-api'],
  ['ApproverPolicy', 'keywright-dev-approver', 'keywright-dev-approve-retirement'],
  ['ContractsPolicy', 'keywright-dev-contracts', 'keywright-dev-export-sla'],
])('%s opens one function, by its URL alone', (id, name, functionName) => {
  const { ManagedPolicyName, PolicyDocument } = template.Resources[id]?.Properties ?? {};
  const statements = at(PolicyDocument, 'Statement') as readonly (Statement & { readonly Condition?: unknown })[];
  const allowed = statements.map(({ Effect, Action, Condition }) => [Effect, Action, Condition]);

  expect(ManagedPolicyName).toBe(name);
  expect(allowed).toEqual([
    ['Allow', 'lambda:InvokeFunctionUrl', { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } }],
    ['Allow', 'lambda:InvokeFunction', { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }],
    ['Allow', 'lambda:GetFunctionUrlConfig', undefined],
  ]);
  for (const { Resource } of statements) expect(JSON.stringify(Resource)).toContain(`:function:${functionName}"`);
  expect(template.Outputs[`${id}Arn`]?.Value).toEqual({ Ref: id });
});

test('a queue hides a message for six timeouts of its function, and gives up into dead letters', () => {
  const timeoutOf = new Map(
    ofType('AWS::Lambda::Function').map(([, fn]) => [
      String(fn.Properties['FunctionName']),
      Number(fn.Properties['Timeout']),
    ]),
  );
  const sources = ofType('AWS::SQS::Queue').filter(([id]) => !id.endsWith('DeadLetters'));
  expect(sources.length).toBeGreaterThan(10);
  for (const [, queue] of sources) {
    const timeout = timeoutOf.get(String(queue.Properties['QueueName']).replace(/\.fifo$/, '')) ?? 0;
    expect(queue.Properties['VisibilityTimeout']).toBe(6 * timeout);
    expect(queue.Properties['RedrivePolicy']).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/DeadLetters$/), 'Arn'] },
      maxReceiveCount: expect.any(Number),
    });
  }
});

test.each(functionNames)('%s: what it could not do raises an alarm', (name) => {
  const alarms = ofType('AWS::CloudWatch::Alarm').filter(([, alarm]) =>
    String(alarm.Properties['AlarmDescription']).startsWith(`keywright-dev-${name}:`),
  );
  expect(alarms.length).toBeGreaterThanOrEqual(2);
});

test('each part of the probe has a heartbeat of its own, and no part that never runs is missed', () => {
  const parts = ofType('AWS::Scheduler::Schedule').flatMap(([, { Properties }]) => {
    const name = String(Properties['Name']);
    return name.startsWith('keywright-dev-probe-keys-')
      ? [name.replace('keywright-dev-probe-keys-', 'probe-keys/')]
      : [];
  });

  expect(parts.length).toBeGreaterThan(0);
  expect(parts.sort()).toEqual([...beatsOf('probe-keys')].sort());
});

/** What stands between a key that stops and the page about it. */
const PAGING = [
  'assess-key',
  'page-oncall',
  'page-overdue',
  'probe-keys',
  'receive-reports',
  'record-key-events',
  'relay-facts',
  'republish-facts',
  'settle-incidents',
  'watch-ourselves',
];
const actionsOf = (alarm: Resource) => JSON.stringify(alarm.Properties['AlarmActions']);

test('an alarm about what a page depends on leaves by a topic of its own and without any topic, and no other does', () => {
  const alarms = ofType('AWS::CloudWatch::Alarm');
  expect(alarms.length).toBeGreaterThan(PAGING.length);
  for (const [, alarm] of alarms) {
    const description = String(alarm.Properties['AlarmDescription']);
    const isOfPaging = PAGING.some((name) => description.startsWith(`keywright-dev-${name}:`));
    expect([description, actionsOf(alarm).includes('PagingAlarmTopic')]).toEqual([description, isOfPaging]);
    expect([description, actionsOf(alarm).includes(':opsitem:1#CATEGORY=Availability')]).toEqual([
      description,
      isOfPaging,
    ]);
  }
});

test.each(functionNames)('%s: that it is not started raises an alarm', (name) => {
  const throttles = ofType('AWS::CloudWatch::Alarm').filter(
    ([, alarm]) =>
      alarm.Properties['MetricName'] === 'Throttles' &&
      at(alarm.Properties, 'Dimensions', 0, 'Value') === `keywright-dev-${name}`,
  );
  expect(throttles).toHaveLength(1);
});

test('a stream gives a batch up after a while, is filtered, and says so when its records wait', () => {
  const streams = ofType('AWS::Lambda::EventSourceMapping').filter(([, mapping]) =>
    JSON.stringify(mapping.Properties['EventSourceArn']).includes('StreamArn'),
  );
  const woken = ['ReceiveReports', 'RelayFacts'];
  const given = streams.map(([, { Properties }]) => at(Properties, 'DestinationConfig', 'OnFailure', 'Destination'));
  expect(given).toEqual(expect.arrayContaining(woken.map((id) => ({ 'Fn::GetAtt': [`${id}DeadLetters`, 'Arn'] }))));
  expect(streams).toHaveLength(woken.length);
  for (const [, mapping] of streams) {
    expect(mapping.Properties).toMatchObject({
      MaximumRetryAttempts: 3,
      MaximumRecordAgeInSeconds: 3_600,
      FilterCriteria: { Filters: [expect.anything()] },
    });
  }
  const ages = ofType('AWS::CloudWatch::Alarm').filter(([, alarm]) => alarm.Properties['MetricName'] === 'IteratorAge');
  expect(ids(ages).sort()).toEqual(woken.map((id) => `${id}LateAlarm`));
});

test('what should be out is counted in every run, and runs that do not come raise the alarm too', () => {
  const overdue = ofType('AWS::CloudWatch::Alarm').filter(([, alarm]) => alarm.Properties['MetricName'] === 'overdue');
  expect(ids(overdue).sort()).toEqual([
    'PageOncallOverdueAlarm',
    'PageOverdueOverdueAlarm',
    'RepublishFactsOverdueAlarm',
    'WatchOurselvesOverdueAlarm',
  ]);
  for (const [, alarm] of overdue) expect(alarm.Properties['TreatMissingData']).toBe('breaching');
});

test('who publishes facts may write nothing but the outbox, and that it is alive', () => {
  for (const id of ['RelayFactsRole', 'RepublishFactsRole']) {
    const statements = at(template.Resources[id], 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement');
    const writes = (statements as readonly Statement[]).filter(({ Action }) =>
      [Action].flat().some((action) => /dynamodb:(Put|Update|Delete|Batch|Transact)/.test(action)),
    );
    const only = (row: string) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [row] } });
    const beats = [{ Action: ['dynamodb:GetItem', 'dynamodb:PutItem'], Condition: only('heartbeat#*') }];
    expect(writes).toMatchObject([
      { Action: 'dynamodb:UpdateItem', Condition: only('fact#*') },
      ...(id === 'RepublishFactsRole' ? beats : []),
    ]);
  }
});

test('no statement allows every action, and only what KMS cannot narrow is allowed on every resource', () => {
  const policies = [
    ...ofType('AWS::IAM::Role').flatMap(([id, role]) =>
      (role.Properties['Policies'] as readonly Policy[]).map((policy) => ({ id, ...policy })),
    ),
    ...ofType('AWS::IAM::ManagedPolicy').map(([id, { Properties }]) => ({ id, ...(Properties as unknown as Policy) })),
  ];
  const statements = policies.flatMap(({ id, PolicyDocument }) =>
    PolicyDocument.Statement.map((statement) => ({ id, ...statement, actions: [statement.Action].flat() })),
  );
  expect(statements.filter(({ actions }) => actions.some((action) => action.includes('*')))).toEqual([]);
  const everywhere = statements.filter(({ Resource }) => Resource === '*');
  expect(everywhere.flatMap(({ id, actions }) => actions.map((action) => `${id} ${action}`))).toEqual([
    'RotateKeyRole kms:CreateKey',
    'RotateKeyRole kms:TagResource',
    'ReconcileTrailRole cloudtrail:ListPublicKeys',
  ]);
});

test('what people call can neither disable nor delete a key, and one function alone can have one deleted but for drills', () => {
  const may = (action: string) =>
    ofType('AWS::IAM::Role')
      .filter(([, role]) => JSON.stringify(role.Properties['Policies']).includes(`"${action}"`))
      .map(([id]) => id);

  expect(may('kms:ScheduleKeyDeletion')).toEqual(['DeleteKeyRole', 'RunDrillRole']);
  expect(may('kms:DisableKey')).not.toContain('ApiRole');
  expect(may('kms:EnableKey')).toContain('ApiRole');
  expect(may('kms:ImportKeyMaterial')).toEqual([]);
});

test('what sends to addresses of others sends to none of the machine’s own, and to nothing that is not named for it', () => {
  const fn = template.Resources['DeliverDashentriesLambdaFunction'];
  const statements = at(
    template.Resources['DeliverEntriesRole'],
    'Properties',
    'Policies',
    0,
    'PolicyDocument',
    'Statement',
  );
  const sending = (statements as readonly Statement[]).filter(({ Action }) =>
    ['sns:Publish', 'events:PutEvents', 's3:PutObject'].some((action) => [Action].flat().includes(action)),
  );

  expect(at(fn, 'Properties', 'Environment', 'Variables', 'LOOPBACK')).toBe('refused');
  expect(sending).toHaveLength(3);
  for (const { Resource } of sending) expect(JSON.stringify(Resource)).toContain('keywright-audit-*');
});

test('what must survive the stack is retained, encrypted and recoverable', () => {
  const kept = ['AWS::DynamoDB::Table', 'AWS::KMS::Key'].flatMap((type) => ofType(type));
  expect(kept.length).toBeGreaterThanOrEqual(4);
  for (const [, resource] of [...kept, ['AuditBucket', template.Resources['AuditBucket']] as const]) {
    expect(resource?.DeletionPolicy).toBe('Retain');
  }
  for (const [, table] of ofType('AWS::DynamoDB::Table')) {
    expect(table.Properties).toMatchObject({
      SSESpecification: { SSEEnabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  }
  for (const [, queue] of ofType('AWS::SQS::Queue')) expect(queue.Properties['SqsManagedSseEnabled']).toBe(true);
});

test('the roles whose looks are no signals are those of the functions that look, and of no other that uses a key', () => {
  // Secrets of channels are under a key of the stack, which nobody watches.
  const ofStack = JSON.stringify({ 'Fn::GetAtt': ['ChannelKey', 'Arn'] });
  const may = ({ Action, Resource }: Statement) =>
    [Action].flat().includes('kms:Decrypt') && JSON.stringify(Resource) !== ofStack;
  const statementsOf = (role: Resource) => at(role.Properties, 'Policies', 0, 'PolicyDocument', 'Statement');
  const looking = ids(
    ofType('AWS::IAM::Role').filter(([, role]) => (statementsOf(role) as readonly Statement[]).some(may)),
  );
  const told = ofType('AWS::Lambda::Function').flatMap(([, { Properties }]) => {
    const names = at(Properties, 'Environment', 'Variables', 'LOOKING_ROLE_NAMES', 'Fn::Join', 1);
    return (names as readonly { readonly Ref: string }[] | undefined) ?? [];
  });

  expect(told.map(({ Ref }) => Ref).sort()).toEqual(looking.sort());
});

test('every variable that a function is given is one that configuration reads', () => {
  const known = new Set(Object.values(VARIABLE_OF));
  const given = ofType('AWS::Lambda::Function').flatMap(([, fn]) =>
    Object.keys(at(fn.Properties, 'Environment', 'Variables') as object),
  );
  expect(given.filter((name) => !known.has(name))).toEqual([]);
});

/** Of a function, with what it takes of the runtime: several that are alike read their settings there. */
function sourceOf(name: string): string {
  const source = readFileSync(join(ROOT, 'functions', `${name}.ts`), 'utf8');
  const runtime = [...source.matchAll(/'\.\.\/shared\/runtime\/([\w-]+)'/g)].map(([, file]) => file);
  return [source, ...runtime.map((file) => readFileSync(join(ROOT, 'shared/runtime', `${file}.ts`), 'utf8'))].join(
    '\n',
  );
}

test.each(functionNames)('%s is given every variable that it reads', (name) => {
  const source = sourceOf(name);
  const settings = [...(source.match(/configOf\(\[([^\]]*)\]/)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
    (match) => match[1],
  );
  const fn = ofType('AWS::Lambda::Function').find(
    ([, resource]) => resource.Properties['FunctionName'] === `keywright-dev-${name}`,
  );
  const given = Object.keys(at(fn?.[1], 'Properties', 'Environment', 'Variables') as object);

  expect(settings.length).toBeGreaterThan(0);
  expect(given.sort()).toEqual(settings.map((setting) => VARIABLE_OF[setting as keyof typeof VARIABLE_OF]).sort());
});

test.each(functionNames)('%s is bundled within its budget', (name) => {
  const max = WIDE.includes(name) ? WIDE_BUNDLE_BYTES_MAX : BUNDLE_BYTES_MAX;
  expect(statSync(join(ROOT, '.build/functions', name, 'index.mjs')).size).toBeLessThanOrEqual(max);
});

test('every property of every resource is one that CloudFormation knows', () => {
  const spec = loadAwsServiceSpecSync();
  const unknown = Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    const [resource] = spec.lookup('resource', 'cloudFormationType', 'equals', Type);
    if (!resource) return [`${id}: ${Type}`];
    const names = new Set(Object.keys(resource.properties));
    return Object.keys(Properties ?? {})
      .filter((name) => !names.has(name))
      .map((name) => `${id}.${name}`);
  });
  expect(unknown).toEqual([]);
});

describe('the key of drills', () => {
  const KEY = { 'Fn::GetAtt': ['DrillKey', 'Arn'] };
  const statementsOf = (id: string) =>
    at(template.Resources[id], 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement') as readonly Statement[];
  const ROLES = ids(ofType('AWS::IAM::Role'));
  const TAKES_AWAY = ['kms:DisableKey', 'kms:ScheduleKeyDeletion', 'kms:PutKeyPolicy'];

  test('run-drill may do to it what a drill does, and nothing to any other key', () => {
    const ofKms = statementsOf('RunDrillRole').filter(({ Action }) =>
      [Action].flat().some((one) => one.startsWith('kms:')),
    );

    expect(ofKms.map(({ Resource }) => Resource)).toEqual(ofKms.map(() => KEY));
    expect(ofKms.flatMap(({ Action }) => Action).sort()).toEqual([
      'kms:CancelKeyDeletion',
      'kms:DisableKey',
      'kms:EnableKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:GetKeyPolicy',
      'kms:PutKeyPolicy',
      'kms:ScheduleKeyDeletion',
    ]);
  });

  test.each(TAKES_AWAY)('%s: whoever else may do it to a key of ours is refused by the key itself', (action) => {
    const others = ROLES.filter((id) => id !== 'RunDrillRole').filter((id) =>
      statementsOf(id).some(({ Action }) => [Action].flat().includes(action)),
    );
    const statements = at(
      template.Resources['DrillKey'],
      'Properties',
      'KeyPolicy',
      'Statement',
    ) as readonly (Statement & {
      readonly Principal: { readonly AWS: readonly { readonly 'Fn::GetAtt': readonly string[] }[] };
    })[];
    const refused = statements
      .filter(({ Effect, Action }) => Effect === 'Deny' && [Action].flat().includes(action))
      .flatMap(({ Principal }) => Principal.AWS.map((principal) => principal['Fn::GetAtt'][0]));

    expect(others.filter((id) => !refused.includes(id))).toEqual([]);
  });

  test('a policy takes it from those who look at keys, all of them but the hourly one, and from nobody else', () => {
    const [fn] = ofType('AWS::Lambda::Function').filter(
      ([, { Properties }]) => Properties['FunctionName'] === 'keywright-dev-run-drill',
    );
    const looking = at(fn?.[1].Properties, 'Environment', 'Variables', 'LOOKING_ROLE_ARNS', 'Fn::Join', 1);

    expect(looking).toEqual(['AssessKeyRole', 'ProbeKeysRole'].map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })));
  });
});
