import { leasedRateLimiter } from '../../../shared/adapters/leased-rate-limiter';
import { KeywrightError } from '../../../shared/domain/errors';
import type { QuotaUse } from '../../../shared/domain/reencryption/quota/kms-quota';
import { LEASE } from '../../../shared/domain/reencryption/quota/lease';
import type { LiveTraffic, RateLimiter } from '../../../shared/domain/reencryption/quota/ports';
import { rateLimiterContract } from '../../contract/rate-limiter';
import { memoryControlStore } from '../../support/memory-control-store';
import { memoryLiveTraffic } from '../../support/memory-live-traffic';
import { unlimitedRate } from '../../support/unlimited-rate';
import { type VirtualTime, virtualTime } from '../../support/virtual-time';

const QUOTA_ID = 'own/eu-west-3';
const USE: QuotaUse = { quotaId: QUOTA_ID, jobId: 'a', priority: 'routine' };
const nothing = () => undefined;

interface World {
  readonly time: VirtualTime;
  readonly control: ReturnType<typeof memoryControlStore>;
  readonly live: LiveTraffic;
  paceOf(workerId: string): RateLimiter;
}

function world(): World {
  const time = virtualTime();
  const control = memoryControlStore();
  const live = memoryLiveTraffic(time.nowMs);
  return { time, control, live, paceOf: (workerId) => leasedRateLimiter({ control, live, workerId, time }) };
}

/** Work that never ends: so many requests at a time, each of which takes some milliseconds. */
function busy(
  pace: RateLimiter,
  use: QuotaUse,
  time: VirtualTime,
  request: () => Promise<void> = () => time.waitMs(6),
) {
  const sentMs: number[] = [];
  const errors: unknown[] = [];
  const worker = async () => {
    for (;;) {
      await pace
        .run(use, () => {
          sentMs.push(time.nowMs());
          return request();
        })
        .catch((error) => errors.push(error));
      await time.waitMs(1);
    }
  };
  for (let at = 0; at < 40; at += 1) void worker();
  const startMs = time.nowMs();
  return {
    errors,
    /** Requests in each whole second so far. */
    perSecond: () =>
      Array.from({ length: Math.floor((time.nowMs() - startMs) / 1000) }, (_, second) => {
        const fromMs = startMs + second * 1000;
        return sentMs.filter((ms) => ms >= fromMs && ms < fromMs + 1000).length;
      }),
  };
}

const limited = async ({ control }: World, perSecond: number, more = {}) => {
  const outlook = { atMs: virtualTime().nowMs(), pace: 1, slowedAtMs: 0 };
  await control.commit({
    writes: [
      { entityType: 'kms-quota', row: { quotaId: QUOTA_ID, perSecond, leases: [], outlook, revision: 0, ...more } },
    ],
    facts: [],
  });
};

/** Applications that send so many a second, and report twice a second. */
async function play({ time, live }: World, seconds: number, livePerSecond = 0): Promise<void> {
  let ms = 0;
  await time.pass(seconds * 1000, () => {
    ms += 1;
    if (ms % 500 === 0) void live.report(QUOTA_ID, { calls: livePerSecond / 2, throttled: 0, latencyMs: 0 });
  });
}

describe('unlimited, as tests have it', () => {
  rateLimiterContract(() => ({ limiter: unlimitedRate, pass: async () => undefined }));
});

describe('by leases', () => {
  rateLimiterContract(() => {
    const one = world();
    return { limiter: one.paceOf('w1'), pass: (ms) => one.time.pass(ms, nothing) };
  });
});

test('a request that waits until another worker’s lease is over gets its turn then', async () => {
  const one = world();
  const lease = { workerId: 'gone', jobId: 'b', priority: 'routine' as const, agreedShare: 1, wanted: 200 };
  await limited(one, 200, { leases: [{ ...lease, perSecond: 200, untilMs: one.time.nowMs() + 4 * LEASE.lastMs }] });
  let sentMs: number | undefined;

  void one.paceOf('w1').run(USE, async () => {
    sentMs = one.time.nowMs();
  });
  const startMs = one.time.nowMs();
  await one.time.pass(6 * LEASE.lastMs, nothing);

  expect(sentMs).toBeGreaterThanOrEqual(startMs + 4 * LEASE.lastMs);
});

test('two processes together come to what live calls leave over, and never send more than the quota with them', async () => {
  const one = world();
  await limited(one, 2_000);
  const works = ['w1', 'w2'].map((workerId) => busy(one.paceOf(workerId), USE, one.time));
  await play(one, 30, 800);

  const sums = (works[0]?.perSecond() ?? []).map((sent, at) => sent + (works[1]?.perSecond()[at] ?? 0));
  expect(Math.max(...sums) + 800).toBeLessThanOrEqual(2_000);
  expect(Math.min(...sums.slice(15))).toBeGreaterThan(0.85 * 1_200);
});

test('requests are spread over the second, so that no moment of it is crowded', async () => {
  const one = world();
  await limited(one, 1_000);
  const sent: number[] = [];
  busy(one.paceOf('w1'), USE, one.time, async () => {
    sent.push(one.time.nowMs());
    await one.time.waitMs(6);
  });
  await play(one, 20);

  const tenths = new Map<number, number>();
  for (const ms of sent.filter((at) => at >= one.time.nowMs() - 5_000)) {
    tenths.set(Math.floor(ms / 100), (tenths.get(Math.floor(ms / 100)) ?? 0) + 1);
  }
  expect(Math.max(...tenths.values())).toBeLessThanOrEqual(105);
});

test('a worker that falls silent leaves its part to the other within two seconds', async () => {
  const one = world();
  await limited(one, 1_000);
  const mortal = one.paceOf('w1');
  let isDead = false;
  busy(mortal, USE, one.time, () => (isDead ? new Promise(() => undefined) : one.time.waitMs(6)));
  const other = busy(one.paceOf('w2'), USE, one.time);
  await play(one, 20);
  const together = other.perSecond().at(-1) ?? 0;
  isDead = true;
  await play(one, 4);

  expect(together).toBeLessThan(550);
  expect(other.perSecond().at(-1)).toBeGreaterThan(900);
});

test('a request that is refused for the quota slows its process down before the quota has heard of it', async () => {
  const one = world();
  await limited(one, 1_000);
  let isThrottled = false;
  const work = busy(one.paceOf('w1'), USE, one.time, async () => {
    await one.time.waitMs(6);
    if (isThrottled) throw new KeywrightError('kms.throttled', 'over the quota');
  });
  await play(one, 20);
  const before = work.perSecond().at(-1) ?? 0;
  isThrottled = true;
  await play(one, 1);
  const after = work.perSecond().at(-1) ?? 0;

  expect(before).toBeGreaterThan(950);
  expect(after).toBeLessThan(0.7 * before);
  // Once for many refusals of the same moment: it is not silenced by them.
  expect(after).toBeGreaterThan(0.2 * before);
});

test('where nothing is left over for long a request is refused with a reason that may pass', async () => {
  const one = world();
  await limited(one, 1_000);
  const work = busy(one.paceOf('w1'), USE, one.time);
  await play(one, 4, 1_000);
  const sentBefore = work.perSecond().reduce((sum, sent) => sum + sent, 0);
  await play(one, LEASE.patienceMs / 1000 + 2, 1_000);

  expect(work.errors[0]).toMatchObject({ code: 'quota.none-left', retry: true, details: { jobId: 'a' } });
  expect(work.perSecond().reduce((sum, sent) => sum + sent, 0) - sentBefore).toBe(0);
});

test('what a job held that asks for nothing any more goes to the other job of the same process', async () => {
  const one = world();
  await limited(one, 1_000);
  const pace = one.paceOf('w1');
  let isOver = false;
  busy(pace, { ...USE, jobId: 'b' }, one.time, () => (isOver ? new Promise(() => undefined) : one.time.waitMs(6)));
  const other = busy(pace, USE, one.time);
  await play(one, 20);
  const together = other.perSecond().at(-1) ?? 0;
  isOver = true;
  await play(one, 3);

  expect(together).toBeLessThan(550);
  expect(other.perSecond().at(-1)).toBeGreaterThan(900);
});

test('a table that does not answer sends no request: nobody knows then what is left over', async () => {
  const one = world();
  const control = {
    find: async () => {
      throw new KeywrightError('store.unreachable', 'no answer');
    },
    commit: one.control.commit,
  };
  const work = busy(leasedRateLimiter({ control, live: one.live, workerId: 'w1', time: one.time }), USE, one.time);
  await play(one, 2);

  expect(work.perSecond()).toEqual([0, 0]);
  expect(work.errors[0]).toMatchObject({ code: 'store.unreachable' });
});

test('a process that stood still for longer than its lease asks for a new one before it sends', async () => {
  const one = world();
  let isReached = true;
  const find: typeof one.control.find = async (entityType, id) => {
    if (!isReached) throw new KeywrightError('store.unreachable', 'no answer');
    return one.control.find(entityType, id);
  };
  const control = { find, commit: one.control.commit };
  const pace = leasedRateLimiter({ control, live: one.live, workerId: 'w1', time: one.time });
  const first = pace.run(USE, async () => 'sent');
  await play(one, 1);
  isReached = false;
  await play(one, LEASE.lastMs / 1000);
  const second = pace.run(USE, async () => 'sent').catch((error) => error.code);
  await play(one, 1);

  expect(await Promise.all([first, second])).toEqual(['sent', 'store.unreachable']);
});

test('live calls that cannot be counted are no news: requests go on, at the pace of nobody tells', async () => {
  const one = world();
  const uncounted = async () => {
    throw new KeywrightError('store.unreachable', 'DynamoDB did not answer.');
  };
  const pace = leasedRateLimiter({ ...one, live: { count: uncounted }, workerId: 'w1' });

  const answer = pace.run(USE, async () => 'sent');
  await one.time.pass(1_000, nothing);

  expect(await answer).toBe('sent');
});
