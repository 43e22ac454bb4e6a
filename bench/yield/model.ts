/** KMS and the applications that live on it, as the simulation has them. What is assumed is in `Assumptions`. */
import { KeywrightError } from '../../shared/domain/errors';
import type { LiveCount, LiveTraffic } from '../../shared/domain/reencryption/quota/ports';
import type { VirtualTime } from '../../test/support/virtual-time';

export interface Assumptions {
  readonly seed: number;
  /** Requests a second. */
  readonly quota: number;
  /** `windows`: what is over the quota in a second of the clock is refused. `bucket`: what a second left over may be used in the next. */
  readonly counting: 'windows' | 'bucket';
  /** How long a step of live traffic takes to arrive. */
  readonly stepMs: number;
  /** Requests a second that a step is high at most. */
  readonly stepHeight: number;
  /** How often an application tells what it sent; undefined: they tell nothing. */
  readonly reportMs: number | undefined;
  /** Seconds in which KMS is slow: it has a quarter of its capacity. */
  readonly slowFrom: number;
  readonly slowTo: number;
}

/** Median of an answer of KMS, and how far answers spread (sigma of a lognormal distribution). */
const ANSWER_MS = 6;
const SPREAD = 0.45;
/** What KMS can do for one account beside the quota: far more, as it serves many. Answers take 1 / (1 - load) times as long. */
const CAPACITY = 4.4;
const SLOW_CAPACITY = 1.1;

/** Live traffic: a wave of this length between nothing and 90 % of the quota, with steps and noise. */
const WAVE_S = 300;
const PEAK = 0.9;
const STEP_EVERY_S = 40;
/** Noise that lasts some seconds, beside that of requests that come by chance. */
const NOISE = 0.01;
const PROCESSES = 200;

export interface Second {
  live: number;
  ours: number;
  liveThrottled: number;
  oursThrottled: number;
}

export type Model = ReturnType<typeof kmsModel>;

export function kmsModel(assumed: Assumptions, time: VirtualTime) {
  const random = mulberry32(assumed.seed);
  const chance = mulberry32(assumed.seed + 1);
  const startMs = time.nowMs();
  const seconds: Second[] = [];
  const latencies: number[] = [];
  const rateAt = liveRate(assumed, random);
  const reports = reporting(assumed, time, mulberry32(assumed.seed + 2));
  let inWindow = 0;
  let tokens = assumed.quota;
  let lately = 0;

  const atMs = () => time.nowMs() - startMs;
  const second = (): Second => {
    const at = Math.floor(atMs() / 1000);
    const known = seconds[at] ?? { live: 0, ours: 0, liveThrottled: 0, oursThrottled: 0 };
    seconds[at] = known;
    return known;
  };
  const admitted = (): boolean => {
    if (assumed.counting === 'bucket') {
      if (tokens < 1) return false;
      tokens -= 1;
    } else if (inWindow >= assumed.quota) return false;
    inWindow += 1;
    lately += 1;
    return true;
  };
  const slowness = () => {
    const s = atMs() / 1000;
    const capacity = s >= assumed.slowFrom && s < assumed.slowTo ? SLOW_CAPACITY : CAPACITY;
    return 1 / (1 - Math.min(0.95, lately / LATELY_S / (assumed.quota * capacity)));
  };
  const answerMs = () => ANSWER_MS * Math.exp(SPREAD * gaussian(chance)) * slowness();

  function liveCalls(): void {
    const calls = poisson(rateAt(atMs() / 1000) / 1000, random);
    for (let call = 0; call < calls; call += 1) {
      const process = Math.floor(random() * PROCESSES);
      const now = second();
      now.live += 1;
      const ok = admitted();
      if (!ok) now.liveThrottled += 1;
      const latencyMs = answerMs();
      if (ok) latencies.push(latencyMs);
      reports.note(process, ok, latencyMs);
    }
  }

  return {
    seconds,
    latencies,
    live: reports.live,
    /** One of our requests. */
    async request(): Promise<void> {
      const now = second();
      now.ours += 1;
      if (!admitted()) {
        now.oursThrottled += 1;
        throw new KeywrightError('kms.throttled', 'over the quota');
      }
      await time.waitMs(answerMs());
    },
    everyMs(): void {
      const ms = atMs();
      if (ms % 1000 === 0) inWindow = 0;
      tokens = Math.min(assumed.quota, tokens + assumed.quota / 1000);
      lately *= 1 - 1 / (LATELY_S * 1000);
      liveCalls();
      reports.send(ms);
    },
  };
}

/** Over how long the load is felt. */
const LATELY_S = 0.1;

/** Requests a second at each instant. */
function liveRate({ quota, stepMs, stepHeight }: Assumptions, random: () => number): (second: number) => number {
  const steps = Array.from({ length: 200 }, () => (random() - 0.5) * 2 * stepHeight);
  let noise = 0;
  return (s) => {
    const wave = (quota * PEAK * (1 - Math.cos((2 * Math.PI * s) / WAVE_S))) / 2;
    const step = Math.floor(s / STEP_EVERY_S);
    const arrived = Math.min(1, ((s % STEP_EVERY_S) * 1000) / stepMs);
    const [before = 0, now = 0] = [steps[step - 1], steps[step]];
    noise += (gaussian(random) * NOISE * quota - noise) / 2000;
    const rate = wave + before + (now - before) * arrived + noise * 20;
    return Math.min(quota * PEAK, Math.max(0, rate));
  };
}

/** Each process tells now and then what it sent, at instants of its own. */
function reporting({ reportMs }: Assumptions, time: VirtualTime, random: () => number) {
  const mine = Array.from({ length: PROCESSES }, () => ({ calls: 0, throttled: 0, latencyMs: 0 }));
  const telling: (typeof mine)[] = Array.from({ length: reportMs ?? 0 }, () => []);
  for (const sent of mine) telling[Math.floor(random() * telling.length)]?.push(sent);
  const all = { calls: 0, throttled: 0, latencyMs: 0 };
  let reportedAtMs = 0;
  const live: Pick<LiveTraffic, 'count'> = {
    async count(): Promise<LiveCount | undefined> {
      await time.waitMs(4);
      return reportedAtMs === 0 ? undefined : { ...all, reportedAtMs };
    },
  };
  return {
    live,
    note(process: number, ok: boolean, latencyMs: number): void {
      const sent = mine[process];
      if (!sent) return;
      sent.calls += 1;
      sent.latencyMs += latencyMs;
      if (!ok) sent.throttled += 1;
    },
    send(ms: number): void {
      if (reportMs === undefined) return;
      for (const sent of telling[ms % reportMs] ?? []) {
        all.calls += sent.calls;
        all.throttled += sent.throttled;
        all.latencyMs += sent.latencyMs;
        Object.assign(sent, { calls: 0, throttled: 0, latencyMs: 0 });
        reportedAtMs = time.nowMs();
      }
    },
  };
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
