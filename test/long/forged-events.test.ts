/** Whatever somebody forges, replays or sends to the wrong place changes nothing on the packaged product; what is true beside it counts. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LogReader } from 'keywright-verify/reader';
import { ACCOUNT } from 'local-aws/test/support/local-aws';
import { isObject } from '../../events/cloudtrail-shape';
import { s3AuditObjects } from '../../shared/adapters/s3-audit-objects';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { FORGED_CALLS, FORGED_RETURN_CALLS } from '../support/forgeries/calls';
import { forgeryWorld } from '../support/forgeries/forgery-world';
import type { Ending, ForgeryWorld, Kind, Party } from '../support/forgeries/kind';
import { FORGED, FORGED_RECORDS, FORGED_RETURNS, fromAccount, secondsOf } from '../support/forgeries/records';
import { aChange } from '../support/key-events';
import { connectedPhone, type Phone } from '../support/phone';
import { readEntries } from '../support/read-entries';

const KINDS_MIN = 80;
const MINUTE_MS = 60_000;
/** A key is signalled once of a kind in ten seconds. */
const SLOT_MS = 11_000;
/** From the customer's act to the page, by the product's clock. */
const PAGED_WITHIN_MS = MINUTE_MS;
const TEST_MS = 900_000;

let product: DeployedProduct;
let world: ForgeryWorld;
let phone: Phone;
let tables: DynamoDBClient;
let queues: SQSClient;
/** Events that are true, one beside each forged one. */
const trueIds: string[] = [];
let ended = 0;

beforeAll(async () => {
  product = await deployedProduct();
  phone = await connectedPhone(product.outputs['OncallTopicArn'] ?? '');
  tables = new DynamoDBClient();
  queues = new SQSClient({ useQueueUrlAsEndpoint: false });
  world = await forgeryWorld(product);
  // Every key was looked at, and every account beat, before anybody lies.
  for (let minute = 0; minute < 2 || !(await allBeat()); minute += 1) {
    for (const party of [world.victim, world.neighbour]) await beat(party);
    product.aws.clock.advance(MINUTE_MS);
    await product.aws.idle();
  }
}, TEST_MS);
afterAll(async () => {
  tables.destroy();
  queues.destroy();
  await product.stop();
});

/** What no forged event may change, by entity type; of each row all but what comes and goes with time. */
const STATE = new Set(
  (
    'customer customer-alias customer-notice customer-window compromise data-store early-warning forwarder incident ' +
    'incident-group key-watch kms-key notice-round page-channels page-delivery reencryption-job retirement ' +
    'rotation rotation-policy service-level sla-interval trouble-watch'
  ).split(' '),
);
/** `acts`: what the holder of a key says of it, by which nothing is decided. */
const PASSING = new Set('revision dueAt lastAt beats toldSince wellAt fullLookAt seenWell acts'.split(' '));

/** The rows of the state, by their names. */
async function state(): Promise<Readonly<Record<string, string>>> {
  const rows: [string, string][] = [];
  const request = { TableName: product.tables.controlTableName, ConsistentRead: true };
  const { Items = [] } = await tables.send(new ScanCommand(request));
  for (const item of Items) {
    const pk = item['pk']?.S ?? '';
    if (!STATE.has(pk.slice(0, pk.indexOf('#')))) continue;
    rows.push([pk, JSON.stringify(Object.fromEntries(lasting(item)), inOrder)]);
  }
  return Object.fromEntries(rows);
}

const lasting = (item: object) => Object.entries(item).filter(([name]) => !PASSING.has(name));

/** A table gives the members of a map in any order. */
const inOrder = (_name: string, value: unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) : value;

const READERS = ['record-key-events', 'rotate-key', 'receive-reports', 'assess-key'];
const seen = new Set<string>();

/** What functions printed since the last time: a message each, with its reason. */
function printed(): readonly string[] {
  const lines = READERS.flatMap((name) => product.aws.lambdaLogs(`keywright-dev-${name}`));
  const fresh = lines.filter((line) => !seen.has(line));
  for (const line of fresh) seen.add(line);
  return fresh;
}

const FACT_READERS = (
  'plan-rotations rotate-key reencrypt-data-keys retire-key delete-key contain-compromise assess-key page-oncall ' +
  'settle-incidents keep-ledger tell-customers run-drill record-key-events'
).split(' ');

async function deadLetters(): Promise<number> {
  const counts = FACT_READERS.map(async (name) => {
    const QueueUrl = `${product.aws.url}/${ACCOUNT}/keywright-dev-${name}-dead-letters`;
    const AttributeNames = ['ApproximateNumberOfMessages' as const];
    const { Attributes } = await queues.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    return Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** The heartbeat of the kit, a little before its time. */
async function beat({ accountId, customerId }: Party): Promise<void> {
  const events = new EventBridgeClient({ credentials: product.aws.credentials(accountId) });
  const beaten = { Source: 'keywright.heartbeat', DetailType: 'heartbeat', Detail: JSON.stringify({ customerId }) };
  await events.send(new PutEventsCommand({ Entries: [beaten] }));
  events.destroy();
}

/** Two heartbeats that meet note one of them: the other is noted when it comes again. */
async function allBeat(): Promise<boolean> {
  const accounts = [world.victim, world.neighbour].map(({ accountId }) => accountId);
  const rows = await Promise.all(accounts.map((accountId) => product.control.find('forwarder', accountId)));
  return rows.every((row) => row?.beats);
}

/** A use of their own key that the victim's account tells of: it is to be in their stream, whatever comes beside it. */
function sendTrue(): void {
  const eventID = `true-${randomUUID()}`;
  trueIds.push(eventID);
  const { accountId, kmsKeyArn } = world.victim;
  const eventTime = secondsOf(product.aws.clock.now());
  const about = { eventID, eventTime, recipientAccountId: accountId, resources: [{ ARN: kmsKeyArn }] };
  fromAccount(world, accountId, aChange('GetKeyRotationStatus', { ...about, requestParameters: null }));
}

/** Sends them all, something true beside each. @returns how many ended as they should, by what can be seen from outside. */
async function endedAs(ending: Ending, kinds: readonly Kind[]): Promise<number> {
  const deadBefore = await deadLetters();
  printed();
  const sent = await Promise.allSettled(
    kinds.map(async ({ send }) => {
      sendTrue();
      return send(world);
    }),
  );
  await product.aws.idle();
  const counts: Readonly<Record<Ending, () => number | Promise<number>>> = {
    refused: () => sent.filter(({ status }) => status === 'rejected').length,
    parked: async () => Math.min((await deadLetters()) - deadBefore, kinds.length),
    looked: () => printed().filter((line) => line.includes('"message":"key assessed"')).length && kinds.length,
    ignored: () => printed().filter(isIgnored).length,
    kept: async () => {
      const kept = new Set([
        ...(await streamOf(world.neighbour.customerId)),
        ...(await streamOf(world.victim.customerId)),
      ]);
      return sent.filter((one) => one.status === 'fulfilled' && kept.has(String(one.value))).length;
    },
    unmatched: () => kinds.length - printed().filter(isIgnored).length,
  };
  if (ending !== 'refused') expect(sent.filter(({ status }) => status === 'rejected')).toEqual([]);
  return counts[ending]();
}

/** By the functions that every event of AWS and every report comes to; but for our own canary, which comes each minute. */
const isIgnored = (line: string): boolean =>
  /"message":"ignored/.test(line) &&
  /"reason":"./.test(line) &&
  /"service":"(record-key-events|receive-reports)"/.test(line) &&
  !line.includes('it tells of the relay alone');

/** So many are sent at once: all end alike. What is looked at is alone, since one look is enough for many hints. */
const AT_ONCE = 10;

async function play(kinds: readonly Kind[]): Promise<void> {
  const wrong: unknown[] = [];
  for (const some of batchesOf(kinds)) {
    const [ending = 'ignored'] = some.map(({ ends }) => ends);
    if (ending === 'looked') product.aws.clock.advance(SLOT_MS);
    const before = await state();
    const pages = await phone.pagesAbout('');
    const count = await endedAs(ending, some);
    const after = await state();
    const changed = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
    const paged = (await phone.pagesAbout('')).slice(pages.length);
    if (count !== some.length || changed.length + paged.length > 0)
      wrong.push({ kinds: some.map(({ name }) => name), ending, count, changed, paged });
    ended += some.length;
  }
  expect(wrong).toEqual([]);
}

/** All of a batch end alike. */
function batchesOf(kinds: readonly Kind[]): readonly (readonly Kind[])[] {
  return [...new Set(kinds.map(({ ends }) => ends))].flatMap((ending) => {
    const alike = kinds.filter(({ ends }) => ends === ending);
    const size = ending === 'looked' ? 1 : AT_ONCE;
    return Array.from({ length: Math.ceil(alike.length / size) }, (_, at) => alike.slice(at * size, (at + 1) * size));
  });
}

async function streamOf(customerId: string): Promise<readonly string[]> {
  const s3 = new S3Client({ forcePathStyle: true });
  const objects = s3AuditObjects(s3, product.outputs['AuditBucketName'] ?? '');
  const reader: LogReader = { read: async (path) => (await objects.read(customerId, path))?.bytes };
  const checkpoint = Buffer.from((await objects.read(customerId, 'checkpoint'))?.bytes ?? []).toString();
  const ids: string[] = [];
  for await (const bytes of readEntries(reader, Number(checkpoint.split('\n')[1] ?? 0)))
    ids.push(JSON.parse(Buffer.from(bytes).toString()).eventId);
  s3.destroy();
  return ids;
}

async function openIncidentOf(kmsKeyArn: string) {
  const watch = await product.control.find('key-watch', kmsKeyArn);
  return watch?.openIncidentId ? product.control.find('incident', watch.openIncidentId) : undefined;
}

test('while keys serve', () => play([...FORGED_RECORDS, ...FORGED_CALLS]), TEST_MS);

test(
  'while a key is away, and then it comes back',
  async () => {
    const theirs = new KMSClient({ credentials: product.aws.credentials(world.victim.accountId) });
    const KeyId = world.victim.kmsKeyArn;
    await theirs.send(new DisableKeyCommand({ KeyId }));
    await product.aws.idle();
    // Everybody is told, and the ledger knows of it.
    for (let minute = 0; minute < 6; minute += 1) {
      product.aws.clock.advance(MINUTE_MS);
      await product.aws.idle();
    }
    expect(await openIncidentOf(KeyId)).toMatchObject({ cause: 'key-disabled', pagedAt: expect.any(String) });

    await play([...FORGED_RETURNS, ...FORGED_RETURN_CALLS]);

    await theirs.send(new EnableKeyCommand({ KeyId }));
    theirs.destroy();
    for (let minute = 0; minute < 10 && (await openIncidentOf(KeyId)); minute += 1) {
      product.aws.clock.advance(MINUTE_MS);
      await product.aws.idle();
    }
    expect(await openIncidentOf(KeyId)).toBeUndefined();
  },
  TEST_MS,
);

test('what was true beside them is in its stream, once, and nothing forged is in that of another', async () => {
  const ofVictim = await streamOf(world.victim.customerId);
  expect(trueIds.filter((id) => ofVictim.filter((one) => one === id).length !== 1)).toEqual([]);
  expect((await streamOf('hooli')).filter((id) => id.startsWith(FORGED))).toEqual([]);
}, 120_000);

test('a key that is truly disabled after all that is paged in time, once', async () => {
  const { ourKeyArn } = world;
  await product.kms.send(new DisableKeyCommand({ KeyId: ourKeyArn }));
  await product.aws.idle();

  const incident = await openIncidentOf(ourKeyArn);
  const { signalledAt = '', pagedAt = '' } = incident ?? {};
  expect(Date.parse(pagedAt) - Date.parse(signalledAt)).toBeLessThan(PAGED_WITHIN_MS);
  await delay(1_000);
  expect(await phone.pagesAbout(ourKeyArn)).toHaveLength(1);
}, 120_000);

test('kinds enough', () => {
  const names = [...FORGED_RECORDS, ...FORGED_CALLS, ...FORGED_RETURNS, ...FORGED_RETURN_CALLS].map(({ name }) => name);
  console.info(`${ended} kinds of forged, replayed or mismatched events`);
  expect(new Set(names).size).toBe(ended);
  expect(ended).toBeGreaterThanOrEqual(KINDS_MIN);
});
