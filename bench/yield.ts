/**
 * How re-encryption lives beside the calls of applications: what it uses of the KMS quota that they leave over, and what
 * they feel of it. `node bench/run-bundled.mjs yield` writes docs/yield.svg, too.
 *
 * KMS, the applications and time are played (`yield/model.ts`); what decides, `leasedRateLimiter` and `shared/domain/reencryption/quota/kms-quota`,
 * is what runs in production, with eight processes that race for one row. Assumed, because AWS does not say:
 * - the quota counts requests in each second of the clock, and refuses what comes after the last of them ("throttles all
 *   subsequent requests in that second": KMS developer guide, throttling); once it is played as a bucket instead;
 * - KMS has several times the capacity of one account's quota, and answers by the laws of a queue: so p99 tells what our
 *   load adds by that assumption, not what AWS does;
 * - applications are 200 processes that all report twice a second what they sent, at instants of their own, and a step of
 *   their traffic takes ten seconds to arrive, as it does where more processes start. What comes faster than reports tell
 *   meets what is left free and no more: the lines below the first ones show what it costs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './yield/chart';
import type { Assumptions, Second } from './yield/model';
import { type Played, type PlayedJob, simulate } from './yield/simulation';

const USUAL: Assumptions = {
  seed: 1,
  quota: 10_000,
  counting: 'windows',
  stepMs: 10_000,
  stepHeight: 1_500,
  reportMs: 500,
  slowFrom: -1,
  slowTo: -1,
};
const SEEDS = [1, 2, 3];
const WAVE_S = 300;
const SHORT_S = 150;
const LIMITS = { used: 0.9, liveThrottled: 0, p99: 1.2 };

/** What is different from what is assumed otherwise. */
const OTHERWISE: readonly (readonly [string, Partial<Assumptions>])[] = [
  ['counted as a bucket', { counting: 'bucket' }],
  ['steps arrive in 3 s', { stepMs: 3_000 }],
  ['steps arrive at once', { stepMs: 1 }],
  ['KMS is slow for 30 s', { slowFrom: 60, slowTo: 90 }],
  ['nobody reports', { reportMs: undefined }],
];

const JOBS: readonly PlayedJob[] = [
  { jobId: 'compromise', priority: 'compromise', fromS: 100, toS: 200 },
  { jobId: 'deadline', priority: 'deadline', fromS: 50, toS: 250 },
  { jobId: 'routine-1', priority: 'routine', fromS: 0, toS: WAVE_S },
  { jobId: 'routine-2', priority: 'routine', fromS: 0, toS: WAVE_S },
];

interface Figures {
  readonly what: string;
  readonly used: number;
  readonly liveThrottled: number;
  readonly ownThrottled: number;
  readonly p99: number;
}

export async function run(root: string): Promise<void> {
  const measured = [];
  for (const seed of SEEDS) measured.push(await measure(`seed ${seed}`, WAVE_S, { ...USUAL, seed }));
  const otherwise = [];
  for (const [what, different] of OTHERWISE)
    otherwise.push((await measure(what, SHORT_S, { ...USUAL, ...different })).figures);

  // Steady traffic, so that only the jobs make the difference.
  const shared = await simulate(WAVE_S, JOBS, { ...USUAL, stepHeight: 0 });
  const shares = PHASES.map(([what, fromS, toS]) => ({ what, ...sharesIn(shared, fromS, toS) }));

  const figures = measured.map((one) => one.figures);
  console.table(table([...figures, ...otherwise]));
  console.table(Object.fromEntries(shares.map(({ what, ...of }) => [what, of])));
  writeFileSync(join(root, 'docs/yield.svg'), drawn(measured[0]?.played, shared));

  const worst = {
    used: Math.min(...figures.map(({ used }) => used)),
    liveThrottled: Math.max(...figures.map(({ liveThrottled }) => liveThrottled)),
    p99: Math.max(...figures.map(({ p99 }) => p99)),
  };
  console.log(JSON.stringify({ bench: 'yield', ...worst, limits: LIMITS, seeds: figures, otherwise, shares }));
  const isWithin = worst.used >= LIMITS.used && worst.liveThrottled <= LIMITS.liveThrottled && worst.p99 <= LIMITS.p99;
  console.log(
    `yield: ${percent(worst.used)} of what is left over is used (limit ${percent(LIMITS.used)}), ${worst.liveThrottled} live calls throttled because of us (limit 0), live p99 ${worst.p99.toFixed(2)} times that without a job (limit ${LIMITS.p99})`,
  );
  process.exitCode = isWithin ? 0 : 1;
}

/** The same live traffic with a job and without. */
async function measure(what: string, seconds: number, assumed: Assumptions) {
  const alone = await simulate(seconds, [], assumed);
  const played = await simulate(seconds, [{ jobId: 'a', priority: 'routine', fromS: 0, toS: seconds }], assumed);
  const left = seconds * assumed.quota - sum(played, 'live');
  const figures: Figures = {
    what,
    used: (sum(played, 'ours') - sum(played, 'oursThrottled')) / left,
    liveThrottled: sum(played, 'liveThrottled') - sum(alone, 'liveThrottled'),
    ownThrottled: sum(played, 'oursThrottled'),
    p99: played.p99Ms / alone.p99Ms,
  };
  return { figures, played };
}

const sum = ({ seconds }: Played, field: keyof Second) => seconds.reduce((all, second) => all + second[field], 0);

/** When which jobs are there, some seconds after they came: what a job wants doubles until it has it. */
const PHASES = [
  ['two routine jobs', 20, 50],
  ['and one with a deadline', 65, 100],
  ['and a compromise', 115, 200],
] as const;

function sharesIn({ ofJobs }: Played, fromS: number, toS: number): Readonly<Record<string, string>> {
  const sums = [...ofJobs].map(([jobId, requests]) => ({
    jobId,
    sent: requests.slice(fromS, toS).reduce((all, one) => all + one, 0),
  }));
  const all = sums.reduce((total, { sent }) => total + sent, 0);
  return Object.fromEntries(sums.map(({ jobId, sent }) => [jobId, percent(sent / all)]));
}

const table = (lines: readonly Figures[]) =>
  Object.fromEntries(
    lines.map(({ what, used, liveThrottled, ownThrottled, p99 }) => [
      what,
      {
        'left over used': percent(used),
        'live throttled by us': liveThrottled,
        ownThrottled,
        'live p99': p99.toFixed(2),
      },
    ]),
  );

const percent = (part: number) => `${(part * 100).toFixed(1)} %`;

function drawn(alone: Played | undefined, shared: Played): string {
  const live = (played: Played | undefined) => ({
    name: 'live calls',
    values: (played?.seconds ?? []).map((second) => second.live),
  });
  const limit = { name: 'quota', value: USUAL.quota };
  const ours = { name: 're-encryption', values: (alone?.seconds ?? []).map((second) => second.ours) };
  const jobs = [...shared.ofJobs].map(([name, values]) => ({ name, values }));
  return chart('Re-encryption beside live calls', [
    { title: 'Requests a second: one job beside live calls', layers: [live(alone), ours], limit },
    { title: 'Requests a second: jobs of different priority', layers: [live(shared), ...jobs], limit },
  ]);
}
