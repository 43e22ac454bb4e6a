/**
 * Whatever KMS accepts ends in the streams that it belongs to: from the event to the signed log, with the bounds that SQS,
 * DynamoDB and the log's format have.
 *
 * A failure prints its seed; SEED=… plays it again.
 */
import type { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { readContents } from 'local-aws/sqs/messages/message-check';
import { type AuditEntries, readAuditEntries } from '../../../../events/audit-entries';
import { sqsAuditQueue } from '../../../../shared/adapters/sqs-audit-queue';
import { appendAudit } from '../../../../shared/domain/audit/append-audit';
import { recordKeyEvents as record } from '../../../../shared/domain/audit/record-key-events';
import { OPERATOR_ID } from '../../../../shared/domain/customers/customer';
import { customerLookup } from '../../../../shared/domain/customers/customer-lookup';
import { aRecord, CUSTOMER_ACCOUNT, received, viaCloudTrail } from '../../../support/key-events';
import { aCustomer, aKmsKey, aMaterial, anArn, NOW, OUR_ACCOUNT, silentLog } from '../../../support/make';
import { memoryAuditPorts, readerOf } from '../../../support/memory-audit';
import { memoryControlStore } from '../../../support/memory-control-store';
import { memoryKeyUses } from '../../../support/memory-key-uses';
import { memoryLastUses } from '../../../support/memory-last-uses';
import { readEntries } from '../../../support/read-entries';

/** Events as the queue hands them on. */
const recordKeyEvents = (events: readonly unknown[], ports: Parameters<typeof record>[1]) =>
  record(events.map(received), ports);

const RUNS = 150;
const SEED = process.env['SEED'] ? { seed: Number(process.env['SEED']) } : {};

/** All pairs of a context together. Source: KMS developer guide, encryption context (unconfirmed). */
const CONTEXT_CHARACTERS_MAX = 8_192;

const CUSTOMERS = ['acme', 'initech'];
const KEY_OF_ACME = anArn('acme');
const SHARED_KEY = anArn('shared');
const STRANGE_KEY = anArn('x'.repeat(40));

/** Characters of every plane, and those that somebody on the way refuses, escapes or counts by other sizes. */
const character = fc.oneof(
  fc.constantFrom(
    '\uFFFE',
    '\uFFFF',
    '\0',
    '\n',
    '"',
    '\\',
    '\u007F',
    '\u0085',
    '\u2028',
    '\u{1FFFE}',
    '\u{10FFFF}',
    '.',
    '/',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.oneof(
  { weight: 4, arbitrary: fc.array(character, { minLength: 1, maxLength: 12 }).map((all) => all.join('')) },
  {
    weight: 1,
    arbitrary: fc.tuple(character, fc.integer({ min: 100, max: 8_000 })).map(([one, times]) => one.repeat(times)),
  },
);
/** As many whole characters as fit. */
const atMost = (whole: string, max: number) =>
  [...whole].reduce((kept, one) => (kept.length + one.length > max ? kept : kept + one), '');
const bounded = (max: number) => text.map((whole) => atMost(whole, max));

const customerPair = fc.oneof(fc.constantFrom(...CUSTOMERS, OPERATOR_ID, '', '..', '__proto__'), text);
const context = fc.option(
  fc
    .record({ customer: fc.option(customerPair), pairs: fc.array(fc.tuple(text, text), { maxLength: 4 }) })
    .map(({ customer, pairs }) => {
      const all = [...(customer === null ? [] : [['keywright:customerId', customer] as const]), ...pairs];
      const sizeOf = (count: number) => all.slice(0, count).flat().join('').length;
      return Object.fromEntries(all.filter((_, at) => sizeOf(at + 1) <= CONTEXT_CHARACTERS_MAX));
    }),
);

const side = fc.record({ key: fc.constantFrom(KEY_OF_ACME, SHARED_KEY, STRANGE_KEY), context });
type Side = typeof side extends fc.Arbitrary<infer Value> ? Value : never;

const call = fc.record({
  sides: fc.oneof(fc.tuple(side), fc.tuple(side, side)),
  identity: fc.record({
    type: fc.constantFrom('AssumedRole', 'IAMUser', 'AWSService'),
    arn: bounded(2_048),
    invokedBy: bounded(128),
  }),
  errorCode: fc.option(fc.oneof(fc.constantFrom('AccessDenied', 'DisabledException'), bounded(256))),
  keyMaterialId: fc.option(fc.oneof(fc.constant(aMaterial(1)), bounded(64))),
  eventID: bounded(256),
  sharedEventID: fc.option(bounded(256)),
});
type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

function recordOf({ sides, identity, errorCode, keyMaterialId, eventID, sharedEventID }: Call, at: number) {
  const [first, second] = sides;
  const requestParameters = second
    ? { sourceEncryptionContext: first.context, destinationEncryptionContext: second.context }
    : { encryptionContext: first.context };
  return aRecord({
    eventName: second ? 'ReEncrypt' : 'GenerateDataKey',
    userIdentity: { ...identity, accountId: OUR_ACCOUNT },
    errorCode,
    requestParameters,
    additionalEventData: { keyMaterialId },
    resources: sides.map(({ key }) => ({ ARN: key })),
    // Each call has an id of its own, whatever else is in it.
    eventID: atMost(`${at}:${eventID}`, 256),
    sharedEventID: sharedEventID && atMost(`${at}:${sharedEventID}`, 256),
  });
}

/** By the rules of attribution, written a second time: whose key it is, else whom the context names on a key of ours. */
function ownerOf({ key, context: pairs }: Side): string {
  if (key === KEY_OF_ACME) return 'acme';
  if (key === STRANGE_KEY) return OPERATOR_ID;
  const named = pairs && Object.hasOwn(pairs, 'keywright:customerId') ? pairs['keywright:customerId'] : undefined;
  return CUSTOMERS.find((customerId) => customerId === named) ?? OPERATOR_ID;
}

/** A queue with the bounds of SQS behind our own sender: what it takes is what its reader gets. */
function boundedQueue() {
  const taken: AuditEntries[] = [];
  const send = async ({ input }: SendMessageBatchCommand) => {
    const sizes = (input.Entries ?? []).map(({ MessageBody }) => {
      const { body } = readContents({ MessageBody: MessageBody ?? '' });
      taken.push(readAuditEntries(JSON.parse(body)));
      return Buffer.byteLength(body);
    });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(1_048_576);
    return { Successful: (input.Entries ?? []).map(({ Id }) => ({ Id })) };
  };
  return { taken, ...sqsAuditQueue({ send: send as never }, 'https://sqs/queue.fifo') };
}

function world() {
  const control = memoryControlStore();
  control.given('customer', ...CUSTOMERS.map((customerId) => aCustomer({ customerId })));
  const { customerId: _, ...shared } = aKmsKey({ kmsKeyArn: SHARED_KEY, option: 'managed', state: 'disabled' });
  control.given('kms-key', aKmsKey({ kmsKeyArn: KEY_OF_ACME, state: 'disabled' }), shared);
  const customers = customerLookup(control);
  const queue = boundedQueue();
  const ports = {
    control,
    customers,
    queue,
    uses: memoryKeyUses(),
    lastUses: memoryLastUses(),
    wasPutOff: () => false,
    log: silentLog,
    clock: { now: () => NOW },
    ownAccountId: OUR_ACCOUNT,
    lookingRoles: new Set<string>(),
    streamWriter: {
      roleArn: 'arn:aws:iam::1:role/writer',
      signingKeyArn: anArn('signing'),
      controlTableName: 'control',
    },
  };
  return { ports, queue, log: { ...memoryAuditPorts(), customers } };
}

async function streamOf(customerId: string, log: ReturnType<typeof world>['log']) {
  const files = log.objects.filesOf(customerId);
  const entries: {
    readonly eventId: string;
    readonly record: unknown;
    readonly cut?: unknown;
    readonly redacted?: string;
  }[] = [];
  const { integrated } = await log.sequence.head(customerId);
  for await (const bytes of readEntries(readerOf(files), integrated))
    entries.push(JSON.parse(Buffer.from(bytes).toString()));
  return entries;
}

test('every call with a key is in exactly the streams that it belongs to, once, however often it is delivered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 8 }), async (calls) => {
      const { ports, queue, log } = world();
      const records = calls.map(recordOf);
      const events = records.map((record) => viaCloudTrail(record));

      const outcomes = await recordKeyEvents([...events, ...events], ports);
      for (const message of [...queue.taken, ...queue.taken]) await appendAudit(message, log);

      expect(outcomes.map(({ outcome }) => outcome)).toEqual([...events, ...events].map(() => 'recorded'));
      for (const customerId of [...CUSTOMERS, OPERATOR_ID]) {
        const entries = await streamOf(customerId, log);
        const belonging = records.filter((_, at) => calls[at]?.sides.some((one: Side) => ownerOf(one) === customerId));
        expect(entries.map(({ eventId }) => eventId)).toEqual(belonging.map(({ eventID }) => eventID));
        for (const [at, { record, cut, redacted }] of entries.entries()) {
          if (!cut && !redacted) expect(record).toEqual(JSON.parse(JSON.stringify(belonging[at])));
        }
      }
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 60_000, ...SEED },
  );
}, 120_000);

test('a forwarded call is in its customer’s stream or ignored with a reason, and throws nothing', async () => {
  let entries = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 4 }), async (calls) => {
      const { ports, queue } = world();
      ports.control.given('customer', aCustomer({ customerId: 'initech', accountId: CUSTOMER_ACCOUNT }));
      const events = calls.map((one, at) =>
        viaCloudTrail({ ...recordOf(one, at), recipientAccountId: CUSTOMER_ACCOUNT }),
      );

      const outcomes = await recordKeyEvents(events, ports);

      for (const [at, outcome] of outcomes.entries()) {
        const isTheirs = calls[at]?.sides.some((one: Side) => ownerOf(one) === 'initech');
        expect(outcome).toMatchObject(
          isTheirs
            ? { outcome: 'recorded', customerIds: ['initech'] }
            : { outcome: 'ignored', reason: expect.any(String) },
        );
      }
      expect(queue.taken.filter(({ customerId }) => customerId !== 'initech')).toEqual([]);
      entries += queue.taken.length;
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 60_000, ...SEED },
  );
  expect(entries).toBeGreaterThan(0);
}, 120_000);
