import type { KmsQuota, Outlook } from '../../../../../shared/domain/reencryption/quota/kms-quota';
import {
  allowanceOf,
  type Heard,
  OUTLOOK,
  outlookAfter,
  outlookAtStart,
} from '../../../../../shared/domain/reencryption/quota/spare-quota';

const START_MS = 1_000_000;
const QUOTA: Pick<KmsQuota, 'quotaId' | 'perSecond'> = { quotaId: 'own/eu-west-3', perSecond: 10_000 };
const QUIET: Heard = { calls: 0, throttled: 0, latencyMs: 0 };

interface Second {
  /** Requests of applications in it; undefined: they tell nothing. */
  readonly live?: number;
  readonly liveThrottled?: number;
  readonly liveMs?: number;
  readonly heard?: Partial<Heard>;
}

/** An outlook that is renewed four times a second. */
function lived(seconds: readonly Second[]): Outlook {
  let outlook = outlookAtStart(START_MS);
  let nowMs = START_MS;
  const sums = { calls: 0, throttled: 0, latencyMs: 0 };
  for (const { live, liveThrottled = 0, liveMs = 6, heard } of seconds) {
    for (let quarter = 0; quarter < 4; quarter += 1) {
      nowMs += 250;
      sums.calls += (live ?? 0) / 4;
      sums.throttled += liveThrottled / 4;
      sums.latencyMs += ((live ?? 0) / 4) * liveMs;
      const told = live === undefined ? {} : { live: { ...sums, reportedAtMs: nowMs } };
      outlook = outlookAfter(outlook, { ...QUIET, ...heard, ...told }, nowMs);
    }
  }
  return outlook;
}

const seconds = (count: number, second: Second): readonly Second[] => new Array<Second>(count).fill(second);

test('what applications use is left to them, and so is what may come by chance', () => {
  const allowance = allowanceOf(QUOTA, lived(seconds(15, { live: 4_000 })));

  expect(allowance).toBeLessThanOrEqual(6_000 - 3 * Math.sqrt(4_000));
  expect(allowance).toBeGreaterThan(0.95 * 6_000);
});

test('beside rising traffic more is left free than beside traffic as high that stays', () => {
  const rising = Array.from({ length: 15 }, (_, at) => ({ live: 1_000 + at * 200 }));
  const steady = allowanceOf(QUOTA, lived(seconds(15, { live: 3_800 })));

  expect(allowanceOf(QUOTA, lived(rising))).toBeLessThan(steady - 180);
});

test('when applications use all of it nothing is left for us', () => {
  expect(allowanceOf(QUOTA, lived(seconds(15, { live: 9_990 })))).toBe(0);
});

test('a quota is approached slowly: who just began knows little', () => {
  const first = allowanceOf(QUOTA, lived(seconds(1, { live: 100 })));
  const third = allowanceOf(QUOTA, lived(seconds(3, { live: 100 })));

  expect(first).toBeLessThan(1_000);
  expect(third).toBeGreaterThan(first);
  expect(third).toBeLessThan(6_500);
});

test('while nobody tells what applications use, half of the quota is the most and is reached in minutes', () => {
  expect(allowanceOf(QUOTA, lived(seconds(20, {})))).toBeLessThan(2_500);
  expect(allowanceOf(QUOTA, lived(seconds(600, {})))).toBeCloseTo(5_000);
});

test('a request of ours that is refused slows us down at once, and once a second at most', () => {
  const before = lived(seconds(15, { live: 100 }));
  const after = lived([...seconds(15, { live: 100 }), { live: 100, heard: { throttled: 3 } }]);

  expect(before.pace).toBe(1);
  expect(after.pace).toBe(OUTLOOK.onThrottled);
});

test('a request of an application that is refused slows us down as well', () => {
  expect(lived([...seconds(15, { live: 100 }), { live: 100, liveThrottled: 4 }]).pace).toBeLessThanOrEqual(
    OUTLOOK.onThrottled,
  );
});

test.each([
  ['applications wait', { live: 400, liveMs: 12 }],
  ['we wait', { live: 400, heard: { calls: 100, latencyMs: 1_200 } }],
])('when %s twice as long as usual for an answer we slow down', (_, slow) => {
  const usual = seconds(20, { live: 400, heard: { calls: 100, latencyMs: 600 } });

  expect(lived([...usual, slow]).pace).toBe(OUTLOOK.onSlow);
  expect(lived([...usual, ...seconds(10, slow)]).pace).toBeLessThan(0.2);
});

test('few answers that take long are chance', () => {
  const usual = seconds(20, { live: 400, heard: { calls: 100, latencyMs: 600 } });

  expect(lived([...usual, { live: 400, heard: { calls: 2, latencyMs: 400 } }]).pace).toBe(1);
});

test('minutes of trouble leave a little, and a quota that had none for a while is used whole again', () => {
  const troubled = [...seconds(15, { live: 100 }), ...seconds(300, { live: 100, heard: { throttled: 1 } })];

  expect(lived(troubled).pace).toBe(OUTLOOK.paceLeast);
  expect(lived([...troubled, ...seconds(15, { live: 100 })]).pace).toBe(1);
});

test('a quota that nobody used for long is approached slowly again', () => {
  const known = lived(seconds(15, { live: 100 }));

  expect(outlookAfter(known, QUIET, known.atMs + OUTLOOK.forgottenMs + 1).pace).toBeLessThan(0.3);
});

test('reports that ended an hour ago say nothing about now', () => {
  const known = lived(seconds(15, { live: 100 }));
  const live = { calls: 1_500, throttled: 0, latencyMs: 9_000, reportedAtMs: known.atMs - 3_600_001 };

  expect(outlookAfter(known, { ...QUIET, live }, known.atMs + 250).live).toBeUndefined();
});
