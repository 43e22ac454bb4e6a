import { makeEntries } from '../../../../../shared/domain/audit/steps/make-entries';
import { parseEvent } from '../../../../../shared/domain/audit/steps/parse-event';
import { OPERATOR_ID } from '../../../../../shared/domain/customers/customer';
import { keyEventWorld, WRITER } from '../../../../support/key-event-world';
import { anEnvelope, aRecord, received, viaCloudTrail } from '../../../../support/key-events';
import { anArn, OUR_ACCOUNT } from '../../../../support/make';

async function entriesOf(envelope: object, customerIds: readonly string[], kmsKeyArns: readonly string[] = []) {
  const event = await parseEvent(received(envelope), keyEventWorld().ports);
  if ('ignored' in event) throw new Error(event.ignored);
  const keys = 'use' in event ? event.use.keys : [];
  const attributions = customerIds.map((customerId) => ({ customerId, keys, isPartial: false }));
  return makeEntries({ event, attributions, kmsKeyArns }, WRITER);
}

test('an entry for each stream, under the same names', async () => {
  const entries = await entriesOf(viaCloudTrail(aRecord()), ['acme', 'globex']);

  expect(entries.map(({ customerId }) => customerId)).toEqual(['acme', 'globex']);
  expect(entries.map(({ names }) => names.dedupeKeys)).toEqual([['event-1'], ['event-1']]);
  expect(entries.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')).customerId)).toEqual([
    'acme',
    'globex',
  ]);
});

const SIGNATURE = viaCloudTrail(
  aRecord({
    eventName: 'Sign',
    userIdentity: {
      type: 'AssumedRole',
      accountId: OUR_ACCOUNT,
      arn: `arn:aws:sts::${OUR_ACCOUNT}:assumed-role/keywright-dev-append-audit/one`,
    },
    resources: [{ accountId: OUR_ACCOUNT, ARN: WRITER.signingKeyArn }],
  }),
);

test('what writing a stream causes is deferred, and nothing that concerns a customer or a key of ours', async () => {
  expect(await entriesOf(SIGNATURE, [OPERATOR_ID])).toMatchObject([{ deferred: true }]);
  expect(await entriesOf(SIGNATURE, [OPERATOR_ID, 'acme'])).toMatchObject([{ deferred: false }, { deferred: false }]);
  expect(await entriesOf(SIGNATURE, [OPERATOR_ID], [anArn()])).toMatchObject([{ deferred: false }]);
  expect(await entriesOf(viaCloudTrail(aRecord()), [OPERATOR_ID])).toMatchObject([{ deferred: false }]);
});

test('a loss is in no stream: its CloudTrail twin is', async () => {
  const loss = { ...anEnvelope('aws.kms', 'KMS CMK Deletion', { 'key-id': 'k' }), resources: [anArn()] };

  expect(await entriesOf(loss, ['acme'])).toEqual([]);
});
