import { viewOf } from '../../../../shared/domain/subscriptions/entry-view';
import { deliveryOf, testDelivery } from '../../../../shared/domain/subscriptions/formats/formats';
import { jsonMember } from '../../../../shared/domain/subscriptions/json-member';
import { nextAttempt, RETRY_WAITS_MS } from '../../../../shared/domain/subscriptions/retry-schedule';
import { ENTRY_FORMATS, type EntryFormat } from '../../../../shared/domain/subscriptions/subscription';
import { NOW } from '../../../support/make';
import { anEntry, subscriptionWorld } from '../../../support/subscription-world';

async function subscription(format: EntryFormat, customerId = 'acme') {
  const world = subscriptionWorld();
  await world.add({ format });
  return { ...(await world.subscription()), customerId };
}

const textOf = (delivery: { readonly body: Uint8Array } | undefined) => Buffer.from(delivery?.body ?? []).toString();

/** Numbers and spellings that do not survive being parsed and written. */
const RAW = '{"big":12345678901234567890,"small":1.0e2,"text":"\\u00fc \\"record\\":{}","list":[{"record":1}]}';
const ENTRY = anEntry('one', { encryptionContexts: [{ record: '}]' }], record: 0 });
const bytes = Buffer.from(Buffer.from(ENTRY.bytes).toString().replace('"record":0', `"record":${RAW}`));
const view = () => {
  const read = viewOf(7, bytes);
  if (!read) throw new Error('That is an entry.');
  return read;
};

test('a CloudEvent is named by log and index, and holds the entry as it is', async () => {
  const text = textOf(deliveryOf(view(), await subscription('cloudevents')));

  expect(text.endsWith(`,"data":${bytes.toString()}}`)).toBe(true);
  expect(JSON.parse(text)).toMatchObject({
    specversion: '1.0',
    id: '7',
    source: 'keywright/audit/acme',
    type: 'keywright.audit.crypto-use.v1',
    time: NOW,
  });
});

test('the CloudTrail record is sent as it stands in the entry, and facts have none', async () => {
  expect(textOf(deliveryOf(view(), await subscription('cloudtrail')))).toBe(RAW);
  const fact = viewOf(
    8,
    Buffer.from(
      JSON.stringify({ v: 1, eventId: 'f', customerId: 'acme', at: NOW, kind: 'fact', operation: 'x', fact: {} }),
    ),
  );
  expect(fact && deliveryOf(fact, await subscription('cloudtrail'))).toBeUndefined();
});

test('an event of OCSF has the entry as its raw data', async () => {
  const event = JSON.parse(textOf(deliveryOf(view(), await subscription('ocsf'))));

  expect(event.raw_data).toBe(bytes.toString());
  expect(event).toMatchObject({ class_uid: 6003, activity_id: 99, type_uid: 600_399, status_id: 1 });
});

test.each(ENTRY_FORMATS)('a test as %s is JSON in one line, and names no entry', async (format) => {
  const delivery = testDelivery(await subscription(format));

  expect(delivery.index).toBeUndefined();
  expect(JSON.stringify(JSON.parse(textOf(delivery)))).toContain('subscription-test');
  expect(textOf(delivery)).not.toContain('\n');
});

test('ids hold no full stop, which parts what a webhook signs', async () => {
  const delivery = deliveryOf(view(), await subscription('cloudevents', 'acme.example'));
  expect(delivery?.id).toBe('acme%2Eexample/siem/7');
});

test.each([
  ['{"a":1,"record":{"x":[1,2]},"b":2}', '{"x":[1,2]}'],
  ['{"record":"a\\"b,}"}', '"a\\"b,}"'],
  ['{"record":1}', '1'],
  ['{"a":{"record":1},"b":["record",{"record":2}]}', undefined],
  ['{"a":"record","record":null}', 'null'],
  ['{}', undefined],
])('the member of %s is %s', (json, expected) => expect(jsonMember(json, 'record')).toBe(expected));

test.each(['[]', '1', 'null', '{', '', '{"customerId":"acme"}', '{"v":1,"eventId":1}'])('%s is no entry', (text) =>
  expect(viewOf(0, Buffer.from(text))).toBeUndefined(),
);

describe('the schedule of attempts', () => {
  const waitAfter = (failures: number, retryAfterMs?: number) =>
    Date.parse(nextAttempt(failures, 'acme/siem', NOW, retryAfterMs) ?? '') - Date.parse(NOW);

  test('is the one of Standard Webhooks, with some jitter', () => {
    expect(RETRY_WAITS_MS.reduce((sum, wait) => sum + wait, 0)).toBe(((75 * 60 + 35) * 60 + 5) * 1_000);
    for (const [at, wait] of RETRY_WAITS_MS.entries()) {
      expect(waitAfter(at + 1)).toBeGreaterThanOrEqual(wait);
      expect(waitAfter(at + 1)).toBeLessThanOrEqual(wait * 1.1);
    }
    expect(nextAttempt(10, 'acme/siem', NOW)).toBeUndefined();
  });

  test('waits as long as the destination asks, up to a day', () => {
    expect(waitAfter(1, 60_000)).toBe(60_000);
    expect(waitAfter(3, 1)).toBeGreaterThanOrEqual(30 * 60_000);
    expect(waitAfter(1, 1e12)).toBe(86_400_000);
  });
});
