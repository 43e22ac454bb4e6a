/** The five steps, one after the other, on one event of each kind. */
import { readKeyEvent } from '../../../../shared/domain/audit/read-key-event';
import { keyEventWorld } from '../../../support/key-event-world';
import { anEnvelope, aRecord, received, viaCloudTrail } from '../../../support/key-events';
import { anArn, NOW } from '../../../support/make';

test('a record: the entry, the key that was used, and no signal', async () => {
  const effects = await readKeyEvent(received(viaCloudTrail(aRecord())), keyEventWorld().ports);

  expect(effects).toMatchObject({
    entries: [{ customerId: 'acme', names: { dedupeKeys: ['event-1'] }, deferred: false }],
    signals: [],
    uses: [],
    used: [{ kmsKeyArn: anArn() }],
    blocked: [],
  });
});

test('a loss: the signal alone', async () => {
  const loss = { ...anEnvelope('aws.kms', 'KMS CMK Deletion', { 'key-id': 'k' }), resources: [anArn()] };

  expect(await readKeyEvent(received(loss), keyEventWorld().ports)).toMatchObject({
    entries: [],
    signals: [{ signal: 'native-event', kmsKeyArn: anArn(), at: NOW }],
    used: [],
  });
});

test('what is nobody’s goes no further than its reason', async () => {
  const { ports } = keyEventWorld();

  expect(await readKeyEvent(received(anEnvelope('aws.ec2', 'EC2', {})), ports)).toEqual({
    ignored: 'nothing is recorded of aws.ec2',
  });
  expect(await readKeyEvent(received(viaCloudTrail(aRecord(), '999999999999')), ports)).toMatchObject({
    ignored: expect.stringMatching(/^account 999999999999 sent a record of account/),
  });
});
