/** The second source: hours of a trail against streams, with broken chains, repeats and deaths. */
import { completenessStated } from '../../../../../events/completeness-stated';
import { reconcileTrail } from '../../../../../shared/domain/audit/trail/reconcile-trail';
import { KeywrightError } from '../../../../../shared/domain/errors';
import { later, MINUTE_MS } from '../../../../../shared/domain/instants';
import { at, lossyDay, trailWorld } from '../../../../support/trail-world';

test('a digest whose signature does not verify makes its hour a gap, and the next one is not linked to it', async () => {
  const it = trailWorld();
  await reconcileTrail(it.ports);
  const [first, second] = [it.trail.digestUntil(at(1)), it.trail.digestUntil(at(2))];
  it.trail.digestUntil(at(3));
  const stored = it.trail.objects.get(second);
  if (stored) it.trail.objects.set(second, { ...stored, metadata: { signature: 'ab' } });
  await it.until(at(10));

  const windows = it.control.all('trail-day').flatMap((day) => day.windows);
  expect(windows.slice(0, 3).map(({ chain, gaps }) => [chain, gaps.map(({ reason }) => reason)])).toEqual([
    ['begun', []],
    ['broken', ['digest-signature-invalid']],
    ['broken', ['chain-broken']],
  ]);
  expect(first < second).toBe(true);
});

test('a digest that was taken away breaks the chain: the hours between are in the gap', async () => {
  const it = trailWorld();
  await reconcileTrail(it.ports);
  it.trail.digestUntil(at(1));
  const taken = it.trail.digestUntil(at(2));
  it.trail.digestUntil(at(3));
  it.trail.objects.delete(taken);
  await it.until(at(7));

  const [, gap] = it.control.all('trail-day').flatMap((day) => day.windows);
  expect(gap).toMatchObject({ from: at(1), to: at(3), chain: 'broken', gaps: [{ reason: 'chain-broken' }] });
});

test('a digest that comes late within the bound is no gap', async () => {
  const it = trailWorld();
  await reconcileTrail(it.ports);
  it.trail.digestUntil(at(1));
  const late = it.trail.digestUntil(at(2));
  const kept = it.trail.objects.get(late);
  it.trail.objects.delete(late);
  it.trail.digestUntil(at(3));
  await it.until(at(5));
  if (kept) it.trail.objects.set(late, kept);
  await it.until(later(at(5), 20 * MINUTE_MS));

  const windows = it.control.all('trail-day').flatMap((day) => day.windows);
  expect(windows.map(({ chain }) => chain)).toEqual(['begun', 'linked', 'linked']);
});

test('hours without digests are said to be missing, and it is told that the trail says nothing', async () => {
  const it = trailWorld();
  await reconcileTrail(it.ports);
  it.trail.digestUntil(at(1));
  await it.until(at(8));

  const windows = it.control.all('trail-day').flatMap((day) => day.windows);
  expect(windows.slice(1, 4)).toMatchObject([
    { from: at(1), to: at(2), chain: 'missing', gaps: [{ reason: 'digest-missing' }] },
    { from: at(2), to: at(3), chain: 'missing' },
    { from: at(3), to: at(4), chain: 'missing' },
  ]);
  expect(await reconcileTrail(it.ports)).toBe(false);
});

test('what dies on any commit or send goes on where it was: the same entries, counts and statements', async () => {
  const whole = trailWorld();
  await lossyDay(whole);
  await whole.until(at(6));
  const expected = whole.told(completenessStated.detailType);

  for (let dies = 0; dies < 24; dies += 1) {
    const it = trailWorld();
    await lossyDay(it);
    const { commit } = it.ports.control;
    let left = dies;
    // Some die before the commit, some behind it.
    it.ports.control.commit = async (change) => {
      if (dies % 2 === 0 && left-- === 0) throw new KeywrightError('store.unreachable', 'died before');
      await commit(change);
      if (dies % 2 === 1 && left-- === 0) throw new KeywrightError('store.unreachable', 'died behind');
    };
    await it.until(at(1)).catch(() => undefined);
    for (let runs = 0; runs < 3; runs += 1) await it.until(at(6)).catch(() => undefined);

    expect((await it.sequence.head('acme')).size).toBe(3);
    expect(sorted(it.told(completenessStated.detailType))).toEqual(sorted(expected));
  }
});

const sorted = (details: readonly Readonly<Record<string, unknown>>[]) =>
  details.map((detail) => JSON.stringify(detail)).sort();
