import { reconcileTrail } from '../../../../../shared/domain/audit/trail/reconcile-trail';
import { OPERATOR_ID } from '../../../../../shared/domain/customers/customer';
import { anEventId } from '../../../../support/cloudtrail-records';
import { at, lossyDay, record, trailWorld } from '../../../../support/trail-world';

test('what EventBridge lost is appended once, late and marked, with the file that it stands in', async () => {
  const it = trailWorld();
  const file = await lossyDay(it);
  await it.until(at(4));
  await it.until(at(5));

  expect(it.lateEntries()).toEqual([
    {
      customerId: 'acme',
      entry: expect.objectContaining({
        eventId: anEventId(2),
        provenance: { via: 'file', object: file, index: 1, late: true },
      }),
    },
  ]);
  expect((await it.sequence.head('acme')).size).toBe(3);
});

test('records of another trail in the same bucket, and of another account, are nobody’s entries', async () => {
  const it = trailWorld();
  await reconcileTrail(it.ports);
  const foreign = record(9, { recipientAccountId: '999999999999' });
  it.trail.deliver('2026-11-24T22:10', [foreign, record(1)]);
  it.trail.digestUntil(at(1));
  await it.until(at(3));

  expect(it.lateEntries().map(({ entry }) => entry.eventId)).toEqual([anEventId(1)]);
  expect(it.control.all('trail-day')[0]?.windows[0]?.gaps).toMatchObject([{ reason: 'file-damaged' }]);
});

test('what no customer’s stream takes goes to the operator’s', async () => {
  const it = trailWorld();
  await reconcileTrail(it.ports);
  it.trail.deliver('2026-11-24T22:10', [record(1, { resources: [], requestParameters: null })]);
  it.trail.digestUntil(at(1));
  await it.until(at(3));

  expect(it.lateEntries().map(({ customerId }) => customerId)).toEqual([OPERATOR_ID]);
});
