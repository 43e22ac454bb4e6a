import { reconcileTrail } from '../../../../../shared/domain/audit/trail/reconcile-trail';
import { at, record, trailWorld } from '../../../../support/trail-world';

test('a log file that no digest names is a gap, and nothing of it is appended', async () => {
  const it = trailWorld();
  await reconcileTrail(it.ports);
  const planted = it.trail.deliver('2026-11-24T22:10', [record(7)]);
  it.trail.digestUntil(at(1));
  const digest = it.trail.deliver('2026-11-24T23:10', [record(1)]);
  it.trail.objects.set(planted.replace('T2210Z', 'T2220Z'), { body: Buffer.from('{"Records":[]}'), metadata: {} });
  it.trail.digestUntil(at(2));
  await it.until(at(4));

  expect(it.control.all('trail-day').flatMap((day) => day.windows.flatMap(({ gaps }) => gaps))).toEqual([
    { reason: 'file-unlisted', object: planted.replace('T2210Z', 'T2220Z') },
  ]);
  expect(it.lateEntries().map(({ entry }) => entry.provenance.object)).toEqual([planted, digest]);
});
