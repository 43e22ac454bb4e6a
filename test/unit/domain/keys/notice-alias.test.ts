import { readKmsRecord } from '../../../../events/cloudtrail-kms-record';
import { aliasOf } from '../../../../shared/domain/keys/customer-alias';
import { noticeAlias } from '../../../../shared/domain/keys/notice-alias';
import { aChange, CUSTOMER_ACCOUNT } from '../../../support/key-events';
import { aKmsKey, anArn, OUR_ACCOUNT, REGION } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const THEIRS = anArn('theirs', CUSTOMER_ACCOUNT);
const OTHER = anArn('other', CUSTOMER_ACCOUNT);
const ANOTHER = anArn('another', CUSTOMER_ACCOUNT);
const ALIAS_ARN = `arn:aws:kms:${REGION}:${CUSTOMER_ACCOUNT}:alias/acme-data`;

function watching() {
  const world = rotationWorld();
  const key = aKmsKey({ kmsKeyArn: THEIRS, option: 'customer-managed', alias: 'alias/acme-data' });
  const alias = aliasOf(key);
  if (alias) world.control.given('customer-alias', { ...alias, revision: 1 });
  return world;
}

const moved = (toKmsKeyArn: string, fields = {}) =>
  readKmsRecord(
    aChange('UpdateAlias', {
      requestParameters: { aliasName: 'alias/acme-data', targetKeyId: toKmsKeyArn },
      resources: [
        { accountId: CUSTOMER_ACCOUNT, type: 'AWS::KMS::Key', ARN: ALIAS_ARN },
        { accountId: CUSTOMER_ACCOUNT, type: 'AWS::KMS::Key', ARN: toKmsKeyArn },
      ],
      eventTime: '2026-11-24T12:00:00Z',
      ...fields,
    }),
  );

test('an alias that points elsewhere is asked about in the customer’s stream, and nothing is rotated', async () => {
  const world = watching();

  expect(await noticeAlias(moved(OTHER), CUSTOMER_ACCOUNT, world.ports)).toBe('asked');

  expect(world.control.outbox).toMatchObject([
    {
      detailType: 'customer-alias-moved.v1',
      detail: { customerId: 'acme', kmsKeyArn: THEIRS, alias: 'alias/acme-data', toKmsKeyArn: OTHER },
    },
  ]);
  expect(world.control.all('rotation')).toEqual([]);
});

test('it is asked about once, however often and in whatever order the events come', async () => {
  const world = watching();
  const events = [
    moved(OTHER),
    moved(OTHER),
    moved(OTHER, { eventTime: '2026-11-24T13:00:00Z' }),
    moved(THEIRS, { eventTime: '2026-11-24T11:00:00Z' }),
  ];

  for (const event of events) await noticeAlias(event, CUSTOMER_ACCOUNT, world.ports);

  expect(world.facts()).toEqual(['customer-alias-moved.v1']);
});

test('an alias that is back is no question, and one that leaves again is', async () => {
  const world = watching();

  await noticeAlias(moved(OTHER, { eventTime: '2026-11-24T10:00:00Z' }), CUSTOMER_ACCOUNT, world.ports);
  await noticeAlias(moved(THEIRS, { eventTime: '2026-11-24T11:00:00Z' }), CUSTOMER_ACCOUNT, world.ports);
  await noticeAlias(moved(OTHER), CUSTOMER_ACCOUNT, world.ports);

  expect(world.facts()).toEqual(['customer-alias-moved.v1', 'customer-alias-moved.v1']);
});

test.each([
  ['sent by another account', moved(OTHER), '999988887777'],
  ['whose record is of another account', moved(OTHER, { recipientAccountId: OUR_ACCOUNT }), CUSTOMER_ACCOUNT],
  ['to a key of another account', moved(anArn('foreign')), CUSTOMER_ACCOUNT],
  ['that KMS refused', moved(OTHER, { errorCode: 'AccessDenied' }), CUSTOMER_ACCOUNT],
  ['that points where it should', moved(THEIRS), CUSTOMER_ACCOUNT],
])('a move %s is not asked about', async (_, record, account) => {
  const world = watching();

  await noticeAlias(record, account, world.ports);

  expect(world.facts()).toEqual([]);
});

test('aliases of our own keys are ours to move: nobody is asked', () => {
  expect(aliasOf(aKmsKey({ kmsKeyArn: anArn('ours', OUR_ACCOUNT), alias: 'alias/keywright/acme' }))).toBeUndefined();
});

test('an event that is dated into the future hides no later one', async () => {
  const world = watching();

  await noticeAlias(moved(OTHER, { eventTime: '9999-12-31T23:59:59Z' }), CUSTOMER_ACCOUNT, world.ports);
  world.clock.advance(60_000);
  await noticeAlias(moved(THEIRS, { eventTime: '2026-11-24T12:00:30Z' }), CUSTOMER_ACCOUNT, world.ports);
  await noticeAlias(moved(ANOTHER, { eventTime: '2026-11-24T12:00:40Z' }), CUSTOMER_ACCOUNT, world.ports);

  expect(world.control.outbox.map(({ detail }) => detail['toKmsKeyArn'])).toEqual([OTHER, ANOTHER]);
});

test.each(['9999-12-31T23:59:59Z', '2026-11-31T00:00:00Z'])(
  'an event that is dated %s hides no move, not even one that happened before it came',
  async (eventTime) => {
    const world = watching();
    world.clock.advance(60_000);

    await noticeAlias(moved(OTHER, { eventTime }), CUSTOMER_ACCOUNT, world.ports);
    await noticeAlias(moved(ANOTHER, { eventTime: '2026-11-24T12:00:55Z' }), CUSTOMER_ACCOUNT, world.ports);
    await noticeAlias(moved(OTHER, { eventTime }), CUSTOMER_ACCOUNT, world.ports);

    expect(world.control.outbox.map(({ detail }) => detail['toKmsKeyArn'])).toEqual([OTHER, ANOTHER]);
    expect(world.control.all('customer-alias')).toMatchObject([{ moved: { toKmsKeyArn: ANOTHER } }]);
  },
);
