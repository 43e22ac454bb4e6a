/**
 * Requests at the pace that the leases of `shared/domain/reencryption/quota/kms-quota` allow: one lease a process and job, renewed on the way
 * to a request, since between its invocations a Lambda stands still. Evenly spaced; whoever asks first goes first.
 */

import { hasCode, KeywrightError } from '../domain/errors';
import type { ControlStore } from '../domain/ports';
import type { QuotaUse } from '../domain/reencryption/quota/kms-quota';
import { type Grant, LEASE, quotaAtStart, renewed } from '../domain/reencryption/quota/lease';
import type { LiveTraffic, RateLimiter } from '../domain/reencryption/quota/ports';
import { retryOnConflict } from '../domain/retry-on-conflict';

export interface LeasePorts {
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
  readonly live: Pick<LiveTraffic, 'count'>;
  /** Names this process among all others. */
  readonly workerId: string;
  readonly time?: RateLimiterTime;
}

export interface RateLimiterTime {
  /** Since the epoch: leases of different processes are compared. */
  readonly nowMs: () => number;
  readonly waitMs: (ms: number) => Promise<void>;
}

const MACHINE: RateLimiterTime = {
  nowMs: Date.now,
  waitMs: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Timers are late by about a millisecond: so much may be made up for. */
const CATCH_UP_MS = 5;

/** How often a request is sent at most: as often as a client of the AWS SDK does by itself. */
const ATTEMPTS = 3;

/** How long a request waits for its turn at most: several times what a full batch takes at the slowest pace. */
const TURN_MS_MAX = 30_000;

/** A job that has asked for nothing for so long gives its part back. */
const IDLE_MS = 2 * LEASE.renewMs;

/** What one process holds of a quota. */
interface Holding {
  readonly jobs: Map<string, Part>;
  renewedAtMs: number;
  untilMs: number;
  heard: { calls: number; throttled: number; latencyMs: number };
  renewal?: Promise<void> | undefined;
}

/** Its part for one job. */
interface Part {
  use: QuotaUse;
  grant: Grant;
  /** When the next request may go. */
  nextMs: number;
  askedAtMs: number;
  /** Since the last renewal. */
  sent: number;
  hadToWait: boolean;
  /** Since when nothing was due. */
  nothingSinceMs?: number | undefined;
}

/** Sends requests at the rate that this worker holds a lease for. One for each worker. */
export function leasedRateLimiter({ control, live, workerId, time = MACHINE }: LeasePorts): RateLimiter {
  const holdings = new Map<string, Holding>();

  async function turn(use: QuotaUse, holding: Holding): Promise<void> {
    const sinceMs = time.nowMs();
    for (;;) {
      // Each time anew: whoever waits for long is not idle.
      const part = partOf(use, holding, time.nowMs());
      await current(use.quotaId, holding, part);
      giveUpWaiting(part, sinceMs, time.nowMs());
      const nowMs = time.nowMs();
      const mineMs = Math.max(nowMs - CATCH_UP_MS, part.nextMs);
      if (part.grant.perSecond > 0 && mineMs - nowMs <= LEASE.renewMs) {
        part.nextMs = mineMs + 1000 / part.grant.perSecond;
        part.sent += 1;
        if (mineMs > nowMs) {
          part.hadToWait = true;
          await time.waitMs(mineMs - nowMs);
        }
        return;
      }
      part.hadToWait = true;
      await time.waitMs(LEASE.renewMs);
    }
  }

  /** Sees to it that there is a lease. One that is not over yet lets requests go while it is renewed. */
  async function current(quotaId: string, holding: Holding, part: Part): Promise<void> {
    const nowMs = time.nowMs();
    const isLeased = nowMs < holding.untilMs && holding.jobs.get(part.use.jobId) === part && part.grant !== NOTHING;
    if (nowMs - holding.renewedAtMs >= LEASE.renewMs || !isLeased) {
      holding.renewal ??= renew(quotaId, holding).finally(() => {
        holding.renewal = undefined;
      });
    }
    if (!isLeased) return holding.renewal;
    holding.renewal?.catch(() => undefined);
  }

  async function renew(quotaId: string, holding: Holding): Promise<void> {
    const { parts, heard, sinceMs } = taken(holding, time.nowMs());
    const wishes = parts.map((part) => ({ use: part.use, wanted: wantedBy(part, sinceMs) }));
    const count = await countOf(quotaId);
    const grants = await retryOnConflict(async () => {
      const nowMs = time.nowMs();
      const before = (await control.find('kms-quota', quotaId)) ?? quotaAtStart(quotaId, nowMs);
      const after = renewed(before, { workerId, wishes, heard: { ...heard, ...(count && { live: count }) } }, nowMs);
      await control.commit({ writes: [{ entityType: 'kms-quota', row: after.quota }], facts: [] });
      holding.untilMs = nowMs + LEASE.lastMs;
      return after.grants;
    });
    for (const [at, part] of parts.entries()) give(part, grants[at] ?? NOTHING, time.nowMs());
    holding.renewedAtMs = time.nowMs();
  }

  /** What cannot be counted is no news: then less is used, and felt for. */
  async function countOf(quotaId: string) {
    try {
      return await live.count(quotaId);
    } catch (error) {
      if (error instanceof KeywrightError) return undefined;
      throw error;
    }
  }

  async function heardOf<Answer>(holding: Holding, request: () => Promise<Answer>): Promise<Answer> {
    const sentMs = time.nowMs();
    try {
      return await request();
    } catch (error) {
      if (hasCode(error, 'kms.throttled')) slowDown(holding);
      throw error;
    } finally {
      holding.heard.calls += 1;
      holding.heard.latencyMs += time.nowMs() - sentMs;
    }
  }

  return {
    async run(use, request) {
      const holding = holdingOf(use.quotaId, holdings);
      for (let attempt = 1; ; attempt += 1) {
        await turn(use, holding);
        try {
          return await heardOf(holding, request);
        } catch (error) {
          if (attempt === ATTEMPTS || !hasCode(error, 'kms.throttled', 'kms.unreachable')) throw error;
        }
      }
    },
  };
}

const NOTHING: Grant = { perSecond: 0, due: 0 };

function holdingOf(quotaId: string, holdings: Map<string, Holding>): Holding {
  const known = holdings.get(quotaId);
  if (known) return known;
  const holding = { jobs: new Map(), renewedAtMs: 0, untilMs: 0, heard: { calls: 0, throttled: 0, latencyMs: 0 } };
  holdings.set(quotaId, holding);
  return holding;
}

function partOf(use: QuotaUse, { jobs }: Holding, nowMs: number): Part {
  const part = jobs.get(use.jobId) ?? { use, grant: NOTHING, nextMs: 0, askedAtMs: nowMs, sent: 0, hadToWait: false };
  jobs.set(use.jobId, part);
  part.use = use;
  part.askedAtMs = nowMs;
  return part;
}

/** What there is to tell; what idle jobs held goes back with it. */
function taken(holding: Holding, nowMs: number) {
  for (const [jobId, { askedAtMs }] of holding.jobs) if (nowMs - askedAtMs > IDLE_MS) holding.jobs.delete(jobId);
  const { heard } = holding;
  holding.heard = { calls: 0, throttled: 0, latencyMs: 0 };
  return { parts: [...holding.jobs.values()], heard, sinceMs: Math.max(1, nowMs - holding.renewedAtMs) };
}

/** Twice as much as before for a job that had to wait, little more than it sent for one that did not. */
function wantedBy({ grant, sent, hadToWait }: Part, sinceMs: number): number {
  const wanted = hadToWait ? 2 * grant.perSecond : (1.25 * sent * 1000) / sinceMs;
  return Math.max(LEASE.startPerSecond, wanted);
}

function give(part: Part, grant: Grant, nowMs: number): void {
  part.grant = grant;
  part.sent = 0;
  part.hadToWait = false;
  if (grant.due > 0) part.nothingSinceMs = undefined;
  else part.nothingSinceMs ??= nowMs;
}

/** At once, and once until the next renewal: then the quota itself has heard of it. */
function slowDown(holding: Holding): void {
  holding.heard.throttled += 1;
  if (holding.heard.throttled > 1) return;
  for (const part of holding.jobs.values()) part.grant = { ...part.grant, perSecond: part.grant.perSecond / 2 };
}

/** @param sinceMs Since when a request waits for its turn. */
function giveUpWaiting({ use, grant, nothingSinceMs }: Part, sinceMs: number, nowMs: number): void {
  const isPatient = nothingSinceMs === undefined || nowMs - nothingSinceMs < LEASE.patienceMs;
  if (isPatient && nowMs - sinceMs < TURN_MS_MAX) return;
  const message = 'Live calls and jobs that go first leave too little of the KMS request quota.';
  throw new KeywrightError('quota.none-left', message, {
    quotaId: use.quotaId,
    jobId: use.jobId,
    perSecond: grant.due,
  });
}
