import { keyRetired } from '../../../../../events/key-retired';
import { parseEvent } from '../../../../../shared/domain/audit/steps/parse-event';
import { newFact } from '../../../../../shared/domain/outbox/new-fact';
import { keyEventWorld } from '../../../../support/key-event-world';
import {
  aChange,
  anEnvelope,
  aRecord,
  CUSTOMER_ACCOUNT,
  received,
  viaCloudTrail,
} from '../../../../support/key-events';
import { after, anArn, countedIds, NOW, OUR_ACCOUNT } from '../../../../support/make';
import { testClock } from '../../../../support/rotation-world';

test('a record of ours is known by its own id, one that was forwarded by who sent it', async () => {
  const { ports } = keyEventWorld();

  expect(await parseEvent(received(viaCloudTrail(aRecord())), ports)).toMatchObject({
    kind: 'record',
    isOwn: true,
    account: OUR_ACCOUNT,
    use: { operation: 'Decrypt' },
    names: { dedupeKeys: ['event-1'] },
  });
  expect(await parseEvent(received(viaCloudTrail(aChange('DisableKey'))), ports)).toMatchObject({
    isOwn: false,
    account: CUSTOMER_ACCOUNT,
    names: { dedupeKeys: [`from:${CUSTOMER_ACCOUNT}:event-1`] },
  });
});

test('nothing happens later than now', async () => {
  const tomorrow = aRecord({ eventTime: after(86_400_000).replace('.000', '') });

  expect(await parseEvent(received(viaCloudTrail(tomorrow)), keyEventWorld().ports)).toMatchObject({ at: NOW });
});

test('a fact is what the outbox has, and our own account’s alone', async () => {
  const { control, ports } = keyEventWorld();
  const fact = newFact(keyRetired, { clock: testClock(), ids: countedIds() }, { kmsKeyArn: anArn() });
  await control.commit({ writes: [], facts: [fact] });
  const event = anEnvelope('keywright', fact.detailType, fact.detail);

  expect(await parseEvent(received(event), ports)).toMatchObject({ kind: 'fact', fact });
  expect(await parseEvent(received({ ...event, account: CUSTOMER_ACCOUNT }), ports)).toMatchObject({
    ignored: expect.stringContaining('does not publish our facts'),
  });
  await expect(
    parseEvent(received(anEnvelope('keywright', fact.detailType, { factId: 'invented' })), ports),
  ).rejects.toThrow(/names no fact of the outbox/);
});

test('of KMS’s own events a loss counts, and a rotation does not', async () => {
  const { ports } = keyEventWorld();
  const native = (detailType: string) => ({
    ...anEnvelope('aws.kms', detailType, { 'key-id': 'k' }),
    resources: [anArn()],
  });

  expect(await parseEvent(received(native('KMS CMK Deletion')), ports)).toMatchObject({
    kind: 'loss',
    kmsKeyArn: anArn(),
  });
  expect(await parseEvent(received(native('KMS CMK Rotation')), ports)).toHaveProperty('ignored');
});
