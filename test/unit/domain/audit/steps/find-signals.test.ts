import { findSignals } from '../../../../../shared/domain/audit/steps/find-signals';
import { parseEvent } from '../../../../../shared/domain/audit/steps/parse-event';
import { keyEventWorld, SHARED_KEY } from '../../../../support/key-event-world';
import { aChange, aRecord, received, viaCloudTrail } from '../../../../support/key-events';
import { anArn } from '../../../../support/make';

async function signalsOf(record: Parameters<typeof viaCloudTrail>[0], kmsKeyArns: readonly string[]) {
  const { ports } = keyEventWorld();
  const event = await parseEvent(received(viaCloudTrail(record)), ports);
  if ('ignored' in event) throw new Error(event.ignored);
  return findSignals({ event, attributions: [], kmsKeyArns }, ports);
}

test('a change is a signal for each key that the event tells of', async () => {
  const arns = [anArn(), SHARED_KEY];

  expect(await signalsOf(aChange('DisableKey'), arns)).toMatchObject(
    arns.map((kmsKeyArn) => ({ kmsKeyArn, signal: 'customer-event', change: 'DisableKey' })),
  );
  expect(await signalsOf(aChange('DisableKey'), [])).toEqual([]);
});

test('a call that works is none', async () => {
  expect(await signalsOf(aRecord(), [anArn()])).toEqual([]);
});
