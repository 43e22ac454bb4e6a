/**
 * What every function has in common, made from its few lines under `custom.functions` in serverless.yml: a role of its
 * own, a queue with dead letters, the rules or the schedule that fill the queue, and alarms. A function with a `url` has
 * that instead of a queue: whoever calls it hears at once how it went. One with an `openUrl` asks for no signature, one with an
 * `accountsUrl` for one of any account.
 *
 * serverless.yml reads the exports of this file as variables.
 */

/** Times a message is tried before it becomes a dead letter. */
const TRIES = 5;

/** A message in work stays hidden for six timeouts of its function. Source: AWS Lambda guide, SQS event sources. */
const VISIBILITY_TIMEOUTS = 6;

const DEFAULT_TIMEOUT_SECONDS = 30;

/** Both set in words, since the defaults differ between the kinds of bus: a day, and as often as EventBridge allows. */
const RETRY_POLICY = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };

const FOURTEEN_DAYS_SECONDS = 1_209_600;

/**
 * How long a stream waits for a batch that fails: some ten seconds, or an hour where the function is not even started. Both
 * set in words, since the default is until the record is a day old, with every later record behind it. What the outbox's
 * stream gives up `republish-facts` finds in the table.
 * Source: Lambda developer guide, parameters of DynamoDB event source mappings.
 */
const STREAM_RETRIES = { maximumRetryAttempts: 3, maximumRecordAgeInSeconds: 3_600 };

const BUSES = { default: 'default', facts: { Ref: 'FactBus' }, customers: { Ref: 'CustomerBus' } };

/** Operations that use a key, `crypto-use` in events/kms-operations.ts: a test holds the two together. */
exports.keyUses = [
  'Decapsulate',
  'Decrypt',
  'DeriveSharedSecret',
  'Encapsulate',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateMac',
  'GenerateRandom',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
];

/** Facts that a customer finds in their audit stream. `audit-appended` is left out: it would never end. */
exports.auditedFacts = [
  'customer-onboarded.v1',
  'customer-changed.v1',
  'data-store-added.v1',
  'customer-window-set.v1',
  'audit-reader-changed.v1',
  'key-rotated.v1',
  'rotation-blocked.v1',
  'rotation-rule-set.v1',
  'rotation-strategy-changed.v1',
  'automatic-rotation-drifted.v1',
  'customer-rotation-requested.v1',
  'customer-alias-moved.v1',
  'key-material-requested.v1',
  'key-material-expiring.v1',
  'data-keys-reencrypted.v1',
  'reencryption-changed.v1',
  'kms-quota-set.v1',
  'key-retired.v1',
  'key-retirement-refused.v1',
  'retirement-advanced.v1',
  'retirement-certified.v1',
  'retirement-stopped.v1',
  'retired-key-used.v1',
  'approval-changed.v1',
  'backup-changed.v1',
  'key-availability-changed.v1',
  'key-compromised.v1',
  'data-store-exposed.v1',
  'data-store-cleared.v1',
  'compromise-contained.v1',
  'compromise-ended.v1',
  'incident-opened.v1',
  'incident-closed.v1',
  'incident-acknowledged.v1',
  'service-level-set.v1',
  'sla-interval-recorded.v1',
  'channel-changed.v1',
  'customer-notified.v1',
  'drill-ended.v1',
  'subscription-changed.v1',
  'cost-share-recorded.v1',
  'audit-gap-found.v1',
  'completeness-stated.v1',
];

exports.functions = async ({ resolveVariable }) => {
  const { specs, prefix } = await read(resolveVariable);
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, functionOf(name, spec, prefix)]));
};

exports.resources = async ({ resolveVariable }) => {
  const { specs, prefix } = await read(resolveVariable);
  const runbooks = await resolveVariable('self:custom.runbooks');
  const made = Object.entries(specs).map(([name, spec]) => resourcesOf(name, { ...spec, runbooks }, prefix));
  return { Resources: Object.assign({}, ...made) };
};

async function read(resolveVariable) {
  const [specs, service, stage] = await Promise.all(
    ['self:custom.functions', 'self:service', 'sls:stage'].map((address) => resolveVariable(address)),
  );
  return { specs, prefix: `${service}-${stage}` };
}

/** `rotate-key` -> `RotateKey`: the beginning of the logical ids of all that belongs to a function. */
const logicalIdOf = (name) => name.replace(/(^|-)([a-z])/g, (_, _dash, letter) => letter.toUpperCase());

const arnOf = (logicalId) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

function functionOf(name, spec, prefix) {
  const id = logicalIdOf(name);
  return {
    name: `${prefix}-${name}`,
    handler: 'index.handler',
    role: arnOf(`${id}Role`),
    timeout: spec.timeout ?? DEFAULT_TIMEOUT_SECONDS,
    ...(spec.memorySize && { memorySize: spec.memorySize }),
    package: { artifact: `.build/functions/${name}.zip` },
    ...(hasUrl(spec) ? urlOf(spec) : eventsOf(id, spec)),
  };
}

const hasUrl = ({ url, openUrl, accountsUrl }) => [url, openUrl, accountsUrl].some((one) => one !== undefined);

/** So many of what anybody may open run at once. An account has 1,000, which pages depend on; this is taken from them for good. */
const OPEN_CONCURRENCY = 5;

/** The same of what any account may open. */
const ACCOUNTS_CONCURRENCY = 20;

/** Only requests that are signed, by whom IAM lets: the function is told who it is. Or anybody's. */
function urlOf({ environment, openUrl, accountsUrl }) {
  if (openUrl) return { environment, url: true, reservedConcurrency: OPEN_CONCURRENCY };
  const url = { authorizer: 'aws_iam' };
  return { environment, url, ...(accountsUrl && { reservedConcurrency: ACCOUNTS_CONCURRENCY }) };
}

function eventsOf(id, spec) {
  return {
    environment: { ...spec.environment, DEAD_LETTER_QUEUE_URL: { Ref: `${id}DeadLetters` } },
    events: [spec.stream ? streamEvent(id, spec) : queueEvent(id, spec)],
  };
}

function queueEvent(id, spec) {
  return {
    sqs: {
      arn: arnOf(`${id}Queue`),
      batchSize: spec.batchSize ?? 10,
      ...(spec.batchingWindowSeconds && { maximumBatchingWindow: spec.batchingWindowSeconds }),
      functionResponseType: 'ReportBatchItemFailures',
      ...(spec.maximumConcurrency && { maximumConcurrency: spec.maximumConcurrency }),
    },
  };
}

function streamEvent(id, spec) {
  return {
    stream: {
      type: 'dynamodb',
      arn: { 'Fn::GetAtt': [spec.stream, 'StreamArn'] },
      batchSize: 100,
      startingPosition: 'TRIM_HORIZON',
      functionResponseType: 'ReportBatchItemFailures',
      bisectBatchOnFunctionError: true,
      ...STREAM_RETRIES,
      filterPatterns: [spec.filter],
      destinations: { onFailure: { arn: arnOf(`${id}DeadLetters`), type: 'sqs' } },
    },
  };
}

function resourcesOf(name, spec, prefix) {
  const id = logicalIdOf(name);
  if (hasUrl(spec)) return urlResources(name, spec, prefix);
  const fifo = spec.fifo ? '.fifo' : '';
  const physical = `${prefix}-${name}`;
  return {
    [`${id}Role`]: role(id, spec, physical),
    [`${id}DeadLetters`]: deadLetters(`${physical}-dead-letters${fifo}`, spec),
    ...alarms(name, spec, physical),
    ...(spec.stream ? {} : queueResources(id, spec, physical, fifo)),
  };
}

function urlResources(name, spec, prefix) {
  const id = logicalIdOf(name);
  const physical = `${prefix}-${name}`;
  return {
    [`${id}Role`]: role(id, spec, physical),
    ...alarms(name, spec, physical),
    ...(spec.url && { [`${logicalIdOf(spec.url)}Policy`]: callersPolicy(`${prefix}-${spec.url}`, physical) }),
    ...(spec.accountsUrl && accountsPermissions(id, name)),
  };
}

/**
 * Principals of any account, by the URL alone: a policy of 20 KB would hold some fifty accounts by name. The function decides. Without the
 * condition of the second, anybody could invoke it directly and say who they are.
 * Source: Lambda guide, "Control access to Lambda function URLs"; CloudFormation, AWS::Lambda::Permission.
 */
function accountsPermissions(id, name) {
  // What the framework calls a function: `read-audit` -> `ReadDashauditLambdaFunction`.
  const FunctionName = arnOf(`${name[0].toUpperCase()}${name.slice(1).replaceAll('-', 'Dash')}LambdaFunction`);
  const permission = (Properties) => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { FunctionName, Principal: '*', ...Properties },
  });
  return {
    [`${id}UrlPermission`]: permission({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'AWS_IAM' }),
    [`${id}Permission`]: permission({ Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
  };
}

/**
 * What a person or a program needs to call a function URL, and no more: by the URL alone, where AWS says who they are, and
 * never directly, where they would. Source: Lambda guide, "Control access to Lambda function URLs" (since October 2025).
 */
function callersPolicy(ManagedPolicyName, physical) {
  const Resource = {
    'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${physical}`,
  };
  const allow = (Action, Condition) => ({ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });
  return {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: {
      ManagedPolicyName,
      Description: `Calls ${physical} by its URL`,
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          allow('lambda:InvokeFunctionUrl', { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } }),
          allow('lambda:InvokeFunction', { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
          allow('lambda:GetFunctionUrlConfig'),
        ],
      },
    },
  };
}

function queueResources(id, spec, physical, fifo) {
  const rules = { ...(spec.facts && { Facts: { bus: 'facts', pattern: factPattern(spec.facts) } }), ...spec.rules };
  const ruleIds = Object.keys(rules).map((rule) => `${id}${rule}Rule`);
  const woken = ruleIds.length > 0 || spec.schedule;
  return {
    [`${id}Queue`]: queue(id, spec, `${physical}${fifo}`),
    ...Object.fromEntries(Object.entries(rules).map(([rule, made]) => [`${id}${rule}Rule`, ruleResource(id, made)])),
    ...(spec.schedule && scheduleResources(id, spec, physical)),
    // EventBridge's own dead letters may only go to a queue that admits it.
    ...(woken && { [`${id}QueuePolicy`]: queuePolicy(id, ruleIds) }),
  };
}

const factPattern = (facts) => ({ source: ['keywright'], 'detail-type': facts });

function ruleResource(id, { bus, state, pattern }) {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventBusName: BUSES[bus],
      State: state ?? 'ENABLED',
      EventPattern: pattern,
      Targets: [
        {
          Id: 'queue',
          Arn: arnOf(`${id}Queue`),
          RetryPolicy: RETRY_POLICY,
          DeadLetterConfig: { Arn: arnOf(`${id}DeadLetters`) },
        },
      ],
    },
  };
}

function scheduleResources(id, { schedule, parts }, physical) {
  const schedules = parts
    ? Array.from({ length: parts }, (_, part) => [
        `${id}Schedule${part}`,
        scheduleOf(id, schedule, `${physical}-${part}`, { part }),
      ])
    : [[`${id}Schedule`, scheduleOf(id, schedule, physical, {})]];
  return {
    ...Object.fromEntries(schedules),
    [`${id}ScheduleRole`]: roleOf('scheduler.amazonaws.com', `${physical}-schedule`, [
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arnOf(`${id}Queue`) },
    ]),
  };
}

const scheduleOf = (id, ScheduleExpression, Name, detail) => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    Name,
    ScheduleExpression,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: arnOf(`${id}Queue`),
      RoleArn: arnOf(`${id}ScheduleRole`),
      Input: JSON.stringify({ 'detail-type': 'schedule', detail }),
      RetryPolicy: RETRY_POLICY,
    },
  },
});

function queue(id, spec, QueueName) {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName,
      ...(spec.fifo && { FifoQueue: true }),
      ...(spec.delaySeconds && { DelaySeconds: spec.delaySeconds }),
      VisibilityTimeout: VISIBILITY_TIMEOUTS * (spec.timeout ?? DEFAULT_TIMEOUT_SECONDS),
      MessageRetentionPeriod: FOURTEEN_DAYS_SECONDS,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: arnOf(`${id}DeadLetters`), maxReceiveCount: TRIES },
    },
  };
}

/** Dead letters are work that was accepted: they stay when the stack goes. */
function deadLetters(QueueName, spec) {
  return {
    Type: 'AWS::SQS::Queue',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      QueueName,
      ...(spec.fifo && { FifoQueue: true }),
      MessageRetentionPeriod: FOURTEEN_DAYS_SECONDS,
      SqsManagedSseEnabled: true,
    },
  };
}

function queuePolicy(id, ruleIds) {
  const queues = [`${id}Queue`, `${id}DeadLetters`];
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: queues.map((queueId) => ({ Ref: queueId })),
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'RulesOfThisFunction',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: queues.map(arnOf),
            Condition: { ArnEquals: { 'aws:SourceArn': ruleIds.map(arnOf) } },
          },
        ],
      },
    },
  };
}

function role(id, spec, physical) {
  const logs = {
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: {
      'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/${physical}:*`,
    },
  };
  if (hasUrl(spec)) return roleOf('lambda.amazonaws.com', physical, [logs, ...spec.permissions]);
  const source = spec.stream
    ? {
        Effect: 'Allow',
        Action: ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream', 'dynamodb:ListStreams'],
        Resource: { 'Fn::GetAtt': [spec.stream, 'StreamArn'] },
      }
    : {
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
        Resource: arnOf(`${id}Queue`),
      };
  const park = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arnOf(`${id}DeadLetters`) };
  return roleOf('lambda.amazonaws.com', physical, [logs, source, park, ...spec.permissions]);
}

const roleOf = (service, RoleName, Statement) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'work', PolicyDocument: { Version: '2012-10-17', Statement } }],
  },
});

/** What is watched of a function, by the end of the alarm's logical id. */
function alarms(name, spec, physical) {
  const id = logicalIdOf(name);
  const watched = {
    Errors: ofFunction('Errors', physical, `${physical}: the function fails. Its log says why.`),
    Throttles: {
      ...ofFunction(
        'Throttles',
        physical,
        `${physical}: the function is not started. Is the account's concurrency used up?`,
      ),
      EvaluationPeriods: 3,
    },
    ...(hasUrl(spec)
      ? { FailedAnswers: failedAnswers(name, physical) }
      : { DeadLetters: deadLettersSeen(id, physical) }),
    ...(!hasUrl(spec) && (spec.stream ? { Late: lateStream(physical) } : { Late: lateQueue(id, physical) })),
    ...(spec.overdue && { Overdue: overdue(name, physical) }),
  };
  const actions = spec.paging ? PAGING_ALARM_ACTIONS : ALARM_ACTIONS;
  return Object.fromEntries(
    Object.entries(watched).map(([alarm, properties]) => [
      `${id}${alarm}Alarm`,
      alarmOf(withRunbook(alarm, properties, spec.runbooks), actions),
    ]),
  );
}

/** `DeadLetters` -> `alarm-dead-letters.md`: whoever is called by an alarm is told what to do. */
const withRunbook = (alarm, { AlarmDescription, ...properties }, runbooks) => ({
  ...properties,
  AlarmDescription: `${AlarmDescription} Runbook: ${runbooks}/alarm${alarm.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`,
});

const ALARM_ACTIONS = [{ Ref: 'OncallTopic' }];

/**
 * An alarm about what a page depends on leaves by two ways more than pages do: a topic with subscribers of its own, and an
 * OpsItem, for which CloudWatch does without SNS.
 * Source of the ARN: Systems Manager user guide, "Configure CloudWatch alarms to create OpsItems"; 1 is critical.
 */
const PAGING_ALARM_ACTIONS = [
  ...ALARM_ACTIONS,
  { Ref: 'PagingAlarmTopic' },
  {
    'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:opsitem:1#CATEGORY=Availability`,
  },
];

const deadLettersSeen = (id, physical) => ({
  AlarmDescription: `${physical}: events that cannot succeed are parked. Read their reason, mend it, send them back.`,
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateNumberOfMessagesVisible',
  Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [`${id}DeadLetters`, 'QueueName'] } }],
  Statistic: 'Maximum',
  Threshold: 0,
});

const ofFunction = (MetricName, physical, AlarmDescription) => ({
  AlarmDescription,
  Namespace: 'AWS/Lambda',
  MetricName,
  Dimensions: [{ Name: 'FunctionName', Value: physical }],
  Statistic: 'Sum',
  Threshold: 0,
});

/** Counted by shared/runtime/on-http.ts and on-link.ts: what nobody foresaw, unlike what a caller only has to try again. */
const failedAnswers = (name, physical) => ({
  AlarmDescription: `${physical}: callers are answered that something failed. The log says what, by the id of the request.`,
  Namespace: 'keywright',
  MetricName: 'failed',
  Dimensions: [{ Name: 'service', Value: name }],
  Statistic: 'Sum',
  Threshold: 0,
});

const lateQueue = (id, physical) => ({
  AlarmDescription: `${physical}: events wait for more than five minutes. Is the function throttled or failing?`,
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateAgeOfOldestMessage',
  Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [`${id}Queue`, 'QueueName'] } }],
  Statistic: 'Maximum',
  Threshold: 300,
});

/** A record that is handed back is no error of the function: its age alone shows it. */
const lateStream = (physical) => ({
  ...ofFunction('IteratorAge', physical, `${physical}: records of the stream wait for more than a minute.`),
  Statistic: 'Maximum',
  Threshold: 60_000,
});

/** What a function found that should have been out before, in every run. Runs that do not come are as bad. */
const overdue = (name, physical) => ({
  AlarmDescription: `${physical}: for three minutes something is not sent that should be, or nobody looks. Its log says what.`,
  Namespace: 'keywright',
  MetricName: 'overdue',
  Dimensions: [{ Name: 'service', Value: name }],
  Statistic: 'Maximum',
  Threshold: 0,
  EvaluationPeriods: 3,
  TreatMissingData: 'breaching',
});

const alarmOf = (properties, AlarmActions) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    ...properties,
    AlarmActions,
  },
});
