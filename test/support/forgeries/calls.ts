/** Facts, heartbeats, reports and calls of AWS and of our API that somebody makes who may not, or who lies. */
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ACCOUNT, REGION } from 'local-aws/test/support/local-aws';
import { signedFetch } from '../../../cli/operate/signed-fetch';
import type { ForgeryWorld, Kind } from './kind';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

type Who = 'neighbour' | 'stranger' | 'application' | 'insider';

/** Whose hand it is: a customer's administrator, an account that nobody let in, the provider's application or administrator. */
const HANDS: Readonly<Record<Who, (world: ForgeryWorld) => Credentials>> = {
  neighbour: ({ product, neighbour }) => product.aws.credentials(neighbour.accountId),
  stranger: ({ product, strangerAccountId }) => product.aws.credentials(strangerAccountId),
  application: ({ product }) => product.asApplication(),
  insider: ({ product }) => product.aws.credentials(ACCOUNT),
};

/** @throws what EventBridge says of an event that it does not take. */
async function put(credentials: Credentials, bus: string, source: string, detailType: string, detail: object) {
  const client = new EventBridgeClient({ credentials });
  const Entries = [{ EventBusName: bus, Source: source, DetailType: detailType, Detail: JSON.stringify(detail) }];
  const { Entries: [answer] = [] } = await client.send(new PutEventsCommand({ Entries }));
  client.destroy();
  if (answer?.ErrorCode) throw new Error(answer.ErrorCode);
}

const customersBus = ({ product }: ForgeryWorld) => product.outputs['CustomerBusArn'] ?? '';
const factBus = ({ product }: ForgeryWorld) =>
  `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${product.outputs['FactBusName']}`;
const defaultBus = () => `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;

/** A fact as we would say it, that nobody committed. */
const factAbout = ({ product, victim }: ForgeryWorld, more: object = {}) => ({
  factId: 'nobody-committed-this',
  at: new Date(product.aws.clock.now()).toISOString(),
  kmsKeyArn: victim.kmsKeyArn,
  customerId: victim.customerId,
  ...more,
});

/** Facts that something of ours acts on. */
const FACTS: Readonly<Record<string, object>> = {
  'key-signal-received.v1': { signal: 'customer-event', observed: 'DisableKey' },
  'key-availability-changed.v1': { from: 'available', to: 'unavailable', cause: 'key-disabled' },
  'incident-opened.v1': { incidentId: 'forged', cause: 'key-disabled' },
  'incident-closed.v1': { incidentId: 'forged' },
  'rotation-due.v1': { rotationId: 'forged' },
  'key-rotated.v1': { rotationId: 'forged', fromKeyMaterialId: 'a', toKeyMaterialId: 'b' },
  'key-compromised.v1': { compromiseId: 'forged' },
  'deletion-due.v1': {},
  'retirement-due.v1': {},
  'data-keys-reencrypted.v1': { jobId: 'forged' },
  'reencryption-batch-due.v1': { jobId: 'forged', shard: 0 },
  'oncall-paged.v1': { incidentId: 'forged' },
  'retired-key-used.v1': {},
  'drill-due.v1': { drillId: 'forged' },
};

const ofFacts: readonly Kind[] = Object.entries(FACTS).flatMap(([detailType, detail]): readonly Kind[] => [
  {
    name: `${detailType} that nobody committed, put on our bus by an insider`,
    ends: 'parked',
    send: (world) => put(HANDS.insider(world), factBus(world), 'keywright', detailType, factAbout(world, detail)),
  },
  {
    name: `${detailType}, put on the bus of customers by a neighbour`,
    ends: 'unmatched',
    send: (world) =>
      put(HANDS.neighbour(world), customersBus(world), 'keywright', detailType, factAbout(world, detail)),
  },
]);

const BUSES: readonly (readonly [who: Who, bus: string, arnOf: (world: ForgeryWorld) => string])[] = [
  ['neighbour', 'bus of facts', factBus],
  ['neighbour', 'default bus', defaultBus],
  ['stranger', 'bus of facts', factBus],
  ['stranger', 'default bus', defaultBus],
  ['stranger', 'bus of customers', customersBus],
  ['application', 'bus of facts', factBus],
  ['application', 'bus of customers', customersBus],
];

const ofBuses: readonly Kind[] = [
  ...BUSES.map(
    ([who, bus, arnOf]): Kind => ({
      name: `a fact, put on our ${bus} by ${who === 'application' ? 'an application' : `a ${who}`}`,
      ends: 'refused',
      send: (world) =>
        put(HANDS[who](world), arnOf(world), 'keywright', 'key-availability-changed.v1', factAbout(world)),
    }),
  ),
  ...(['neighbour', 'insider'] as const).map(
    (who): Kind => ({
      name: `an event in the name of KMS, put by ${who === 'insider' ? 'an insider' : `a ${who}`}`,
      ends: 'refused',
      send: (world) => put(HANDS[who](world), customersBus(world), 'aws.kms', 'KMS CMK Deletion', {}),
    }),
  ),
  {
    name: 'an event of a source that we do not know, put by a neighbour',
    ends: 'unmatched',
    send: (world) => put(HANDS.neighbour(world), customersBus(world), 'Aws.KMS', 'KMS CMK Deletion', {}),
  },
];

const HEARTBEATS: Readonly<Record<string, (world: ForgeryWorld) => object>> = {
  'in the name of another customer': ({ victim }) => ({ customerId: victim.customerId }),
  'in the name of nobody': () => ({ customerId: 'nobody' }),
  'in the name of the operator': () => ({ customerId: 'keywright:operator' }),
  'with a number for a name': () => ({ customerId: 5 }),
  'without a name': () => ({}),
};

const ofHeartbeats: readonly Kind[] = Object.entries(HEARTBEATS).map(
  ([name, detailOf]): Kind => ({
    name: `a neighbour’s heartbeat ${name}`,
    ends: 'ignored',
    send: (world) =>
      put(HANDS.neighbour(world), customersBus(world), 'keywright.heartbeat', 'heartbeat', detailOf(world)),
  }),
);

/** A report of an application: whatever it may write. */
const report = (pkOf: (world: ForgeryWorld) => string, failure: string) => async (world: ForgeryWorld) => {
  const client = new DynamoDBClient({ credentials: HANDS.application(world) });
  const values = { ':failure': { S: failure }, ':now': { N: String(world.product.aws.clock.now()) } };
  await client.send(
    new UpdateItemCommand({
      TableName: world.product.tables.reportTableName,
      Key: { pk: { S: pkOf(world) } },
      UpdateExpression: 'SET failure = :failure, reportedAtMs = :now',
      ExpressionAttributeValues: values,
    }),
  );
  client.destroy();
};

const failureOf = (arnOf: (world: ForgeryWorld) => string) => (world: ForgeryWorld) => `key-failure#${arnOf(world)}`;
const victims = failureOf(({ victim }) => victim.kmsKeyArn);

const REPORTS: readonly (readonly [name: string, ends: Kind['ends'], send: Kind['send']])[] = [
  ['that the key of another customer is disabled', 'looked', report(victims, 'kms.key-disabled')],
  ['that the key of another customer refuses us', 'looked', report(victims, 'kms.access-denied')],
  ['of a failure that there is none of', 'ignored', report(victims, 'kms.on-fire')],
  [
    'of a key that nobody registered',
    'ignored',
    report(
      failureOf(() => unregistered),
      'kms.key-disabled',
    ),
  ],
  [
    'of what is no ARN',
    'ignored',
    report(
      failureOf(() => 'acme'),
      'kms.key-disabled',
    ),
  ],
  [
    'of the key in another partition',
    'ignored',
    report(
      failureOf(({ victim }) => victim.kmsKeyArn.replace('arn:aws:', 'arn:aws-cn:')),
      'kms.key-disabled',
    ),
  ],
];
const unregistered = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`;

const ofReports = REPORTS.map(([name, ends, send]): Kind => ({ name: `an application’s report ${name}`, ends, send }));

const QUEUES = ['record-key-events', 'assess-key', 'rotate-key', 'page-oncall', 'delete-key'];

const ofQueues: readonly Kind[] = QUEUES.map(
  (name): Kind => ({
    name: `a message in the queue of ${name}, sent by a neighbour`,
    ends: 'refused',
    send: async (world) => {
      const sqs = new SQSClient({ credentials: HANDS.neighbour(world), useQueueUrlAsEndpoint: false });
      const QueueUrl = `${world.product.aws.url}/${ACCOUNT}/keywright-dev-${name}`;
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(factAbout(world)) }));
    },
  }),
);

/** Into our table: an incident that is over, a key of somebody's. */
const write = (who: Who) => async (world: ForgeryWorld) => {
  const client = new DynamoDBClient({ credentials: HANDS[who](world) });
  const Item = { pk: { S: `key-watch#${world.victim.kmsKeyArn}` }, availability: { S: 'unavailable' } };
  await client.send(new PutItemCommand({ TableName: world.product.tables.controlTableName, Item }));
};

const disable = (who: Who) => async (world: ForgeryWorld) => {
  const kms = new KMSClient({ credentials: HANDS[who](world) });
  await kms.send(new DisableKeyCommand({ KeyId: who === 'application' ? world.ourKeyArn : world.victim.kmsKeyArn }));
};

/** A request to the API that has to be refused. @throws where it is. */
const ask = (operation: string, inputOf: (world: ForgeryWorld) => object, who: Who) => async (world: ForgeryWorld) => {
  const send = signedFetch({ credentials: HANDS[who](world), region: REGION });
  const url = new URL(operation, world.product.apiUrl);
  refuse(await send('POST', url, JSON.stringify(inputOf(world))));
};

function refuse({ status, text = '' }: { readonly status: number; readonly text?: string }): void {
  if (status >= 400 && status < 500) throw new Error(`${status} ${text}`);
}

const ASKED: readonly (readonly [operation: string, inputOf: (world: ForgeryWorld) => object])[] = [
  ['request-rotation', ({ victim }) => ({ key: victim.customerId })],
  ['acknowledge-incident', () => ({ incidentId: 'forged', note: 'mine' })],
  ['start-retirement', ({ victim }) => ({ key: victim.customerId })],
  ['declare-compromise', ({ victim }) => ({ key: victim.customerId })],
  ['show-status', () => ({})],
];

const ofApi: readonly Kind[] = [
  ...ASKED.flatMap(([operation, inputOf]) =>
    (['neighbour', 'application'] as const).map(
      (who): Kind => ({
        name: `${operation}, signed by ${who === 'application' ? 'an application' : `a ${who}`}`,
        ends: 'refused',
        send: ask(operation, inputOf, who),
      }),
    ),
  ),
  {
    name: 'request-rotation that nobody signed',
    ends: 'refused',
    send: async ({ product, victim }) => {
      const body = JSON.stringify({ key: victim.customerId });
      const { status } = await fetch(new URL('request-rotation', product.apiUrl), { method: 'POST', body });
      refuse({ status });
    },
  },
];

const ofOthers: readonly Kind[] = [
  { name: 'a page to on-call’s topic, sent by a neighbour', ends: 'refused', send: page },
  { name: 'a row of our table, written by a neighbour', ends: 'refused', send: write('neighbour') },
  { name: 'a row of our table, written by an application', ends: 'refused', send: write('application') },
  { name: 'DisableKey of another customer’s key, called by a neighbour', ends: 'refused', send: disable('neighbour') },
  { name: 'DisableKey of a key of ours, called by an application', ends: 'refused', send: disable('application') },
];

async function page(world: ForgeryWorld): Promise<void> {
  const sns = new SNSClient({ credentials: HANDS.neighbour(world) });
  await sns.send(new PublishCommand({ TopicArn: world.product.outputs['OncallTopicArn'], Message: 'all is well' }));
}

/** Every other forgery, while all keys serve. */
export const FORGED_CALLS: readonly Kind[] = [
  ...[...ofFacts, ...ofBuses, ...ofHeartbeats, ...ofReports],
  ...[...ofQueues, ...ofApi, ...ofOthers],
];

const incidentClosed = (world: ForgeryWorld) => factAbout(world, { incidentId: 'forged', recoveredAt: 'now' });

/** What tells that a key is back, while it is away. */
export const FORGED_RETURN_CALLS: readonly Kind[] = [
  {
    name: 'an application’s report that the key works again, while it is away',
    ends: 'looked',
    send: report(victims, 'works-again'),
  },
  {
    name: 'incident-closed.v1 that nobody committed, while the key is away',
    ends: 'parked',
    send: (world) =>
      put(HANDS.insider(world), factBus(world), 'keywright', 'incident-closed.v1', incidentClosed(world)),
  },
  {
    name: 'acknowledge-incident, signed by a neighbour, while the key is away',
    ends: 'refused',
    send: ask('acknowledge-incident', () => ({ incidentId: 'forged', note: 'mine' }), 'neighbour'),
  },
];
