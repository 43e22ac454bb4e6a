import { findUses } from '../../../../../shared/domain/audit/steps/find-uses';
import { parseEvent } from '../../../../../shared/domain/audit/steps/parse-event';
import { keyEventWorld } from '../../../../support/key-event-world';
import { aRecord, CUSTOMER_ACCOUNT, received, viaCloudTrail } from '../../../../support/key-events';
import { aMaterial, anArn } from '../../../../support/make';

async function usesIn(fields: object, kmsKeyArns: readonly string[] = [anArn()]) {
  const { ports } = keyEventWorld();
  const event = await parseEvent(received(viaCloudTrail(aRecord(fields as never))), ports);
  if ('ignored' in event) throw new Error(event.ignored);
  return findUses({ event, attributions: [], kmsKeyArns }, ports);
}

const GENERATED = { eventName: 'GenerateDataKey', additionalEventData: { keyMaterialId: aMaterial(1) } };

test('what encrypts counts for the material that it was done with; what opens does not', async () => {
  expect(await usesIn(GENERATED)).toMatchObject({
    uses: [{ kmsKeyArn: anArn(), keyMaterialId: aMaterial(1) }],
    used: [{ kmsKeyArn: anArn() }],
    blocked: [],
  });
  expect(await usesIn({ additionalEventData: { keyMaterialId: aMaterial(1) } })).toMatchObject({ uses: [] });
});

test('what another account tells is not counted, ours being among it a second time', async () => {
  const theirs = { ...GENERATED, recipientAccountId: CUSTOMER_ACCOUNT };

  expect(await usesIn(theirs)).toMatchObject({ uses: [], used: [{ kmsKeyArn: anArn() }] });
});

test('a use that the key’s state forbids is one that somebody misses', async () => {
  const { used, blocked } = await usesIn({ errorCode: 'DisabledException', errorMessage: 'it is disabled' });

  expect(used).toEqual([]);
  expect(blocked).toMatchObject([
    { kmsKeyArn: anArn(), eventId: 'event-1', observed: 'Decrypt failed: DisabledException' },
  ]);
});

test('of a key that is none of ours nothing is noted', async () => {
  expect(await usesIn(GENERATED, [])).toEqual({ uses: [], used: [], served: [], blocked: [] });
});
