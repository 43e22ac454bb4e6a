/** Jobs that re-encrypt beside live traffic: the production leases and paces, on a played KMS and played time. */
import { leasedRateLimiter } from '../../shared/adapters/leased-rate-limiter';
import { hasCode } from '../../shared/domain/errors';
import type { ControlStore } from '../../shared/domain/ports';
import type { QuotaUse } from '../../shared/domain/reencryption/quota/kms-quota';
import { memoryControlStore } from '../../test/support/memory-control-store';
import { type VirtualTime, virtualTime } from '../../test/support/virtual-time';
import { type Assumptions, kmsModel, type Second } from './model';

/** A job with a worker in every process from one second to another. */
export interface PlayedJob extends Omit<QuotaUse, 'quotaId'> {
  readonly fromS: number;
  readonly toS: number;
}

export interface Played {
  readonly seconds: readonly Second[];
  readonly p99Ms: number;
  /** Requests of each job in each second. */
  readonly ofJobs: ReadonlyMap<string, readonly number[]>;
}

/** `maximumConcurrency` of serverless.yml, and data keys of a job that a process works at the same time. */
const PROCESSES = 8;
const AT_A_TIME = 40;
/** What a conditional write takes. */
const WRITE_MS = 6;
/** What the control table takes. */
const STORE_MS = 5;
/** How long a job waits that has nothing left over. */
const NONE_LEFT_MS = 60_000;
const QUOTA_ID = 'own/eu-west-3';

export async function simulate(seconds: number, jobs: readonly PlayedJob[], assumed: Assumptions): Promise<Played> {
  const time = virtualTime();
  const kms = kmsModel(assumed, time);
  const raw = memoryControlStore();
  const control = slow(raw, time);
  const startMs = time.nowMs();
  const ofJobs = new Map(jobs.map(({ jobId }) => [jobId, new Array<number>(seconds).fill(0)]));
  for (let process = 0; process < PROCESSES; process += 1) {
    const pace = leasedRateLimiter({ control, live: kms.live, workerId: `worker-${process}`, time });
    for (const job of jobs) for (let at = 0; at < AT_A_TIME; at += 1) void work(job, pace);
  }

  async function work({ fromS, toS, ...job }: PlayedJob, pace: ReturnType<typeof leasedRateLimiter>): Promise<void> {
    const use = { quotaId: QUOTA_ID, ...job };
    if (fromS > 0) await time.waitMs(fromS * 1000);
    while (time.nowMs() < startMs + toS * 1000) {
      try {
        await pace.run(use, async () => {
          const counts = ofJobs.get(job.jobId);
          const at = Math.floor((time.nowMs() - startMs) / 1000);
          if (counts) counts[at] = (counts[at] ?? 0) + 1;
          await kms.request();
        });
        await time.waitMs(WRITE_MS);
      } catch (error) {
        if (hasCode(error, 'quota.none-left')) await time.waitMs(NONE_LEFT_MS);
        else if (!hasCode(error, 'kms.throttled', 'state.changed-meanwhile')) throw error;
        else await time.waitMs(WRITE_MS);
      }
    }
  }

  await time.pass(seconds * 1000, kms.everyMs);
  return { seconds: kms.seconds.slice(0, seconds), p99Ms: percentile(kms.latencies, 0.99), ofJobs };
}

/** Where races are lost as they are where calls take time. */
function slow(store: ControlStore, time: VirtualTime): Pick<ControlStore, 'find' | 'commit'> {
  return {
    async find(entityType, id) {
      await time.waitMs(STORE_MS);
      return store.find(entityType, id);
    },
    async commit(change) {
      await time.waitMs(STORE_MS);
      return store.commit(change);
    },
  };
}

function percentile(numbers: readonly number[], part: number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.floor(sorted.length * part)] ?? 0;
}
