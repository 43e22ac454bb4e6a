/**
 * Leases: a worker says what it could use and takes its part for a moment. Nobody hands out anything: whoever renews
 * decides by the same rules on the same row, and a worker that dies leaves its part behind when its lease is over.
 */

import { allocate } from './allocate-quota';
import { type KmsQuota, type Lease, type QuotaUse, shareOf, sizeOf } from './kms-quota';
import { allowanceOf, type Heard, outlookAfter, outlookAtStart } from './spare-quota';

export const LEASE = {
  /** How often a worker comes back: how old a decision may be. */
  renewMs: 250,
  /** How long its part is kept for a worker that does not come back. */
  lastMs: 1_500,
  /** What a job asks for at first. */
  startPerSecond: 100,
  /** How long a worker waits that gets nothing. */
  patienceMs: 10_000,
} as const;

export interface Wish {
  readonly use: QuotaUse;
  readonly wanted: number;
}

export interface Grant {
  /** Requests a second that may be sent until the lease is over. */
  readonly perSecond: number;
  /** Its part, of which some may still be with others for a moment. */
  readonly due: number;
}

/** The row of a quota that nobody has used yet. */
export const quotaAtStart = (quotaId: string, nowMs: number): KmsQuota => ({
  quotaId,
  leases: [],
  outlook: outlookAtStart(nowMs),
  revision: 0,
});

/**
 * The quota after a worker has told what it heard and taken its part. What all leases allow together is never more than
 * there is, except for as long as one that was taken before it became less.
 *
 * @returns the row to write, and for each wish what it got.
 */
export function renewed(
  quota: KmsQuota,
  { workerId, wishes, heard }: { readonly workerId: string; readonly wishes: readonly Wish[]; readonly heard: Heard },
  nowMs: number,
): { readonly quota: KmsQuota; readonly grants: readonly Grant[] } {
  const outlook = outlookAfter(quota.outlook, heard, nowMs);
  const others = quota.leases.filter((lease) => lease.workerId !== workerId && lease.untilMs > nowMs);
  const mine = wishes.map((wish) => wished(wish, workerId, nowMs));
  const claims = [...mine, ...others];
  const agreed = sizeOf(quota) * Math.min(1, ...claims.map(({ agreedShare }) => agreedShare));
  const allowance = Math.min(agreed, allowanceOf(quota, outlook));

  const parts = allocate(allowance, claims);
  let free = allowance - others.reduce((sum, { perSecond }) => sum + perSecond, 0);
  const grants = mine.map((_, at): Grant => {
    const due = parts[at] ?? 0;
    const perSecond = Math.max(0, Math.min(due, free));
    free -= perSecond;
    return { perSecond, due };
  });
  const leases = mine.map((lease, at) => ({ ...lease, perSecond: grants[at]?.perSecond ?? 0 }));
  return { quota: { ...quota, outlook, leases: [...others, ...leases] }, grants };
}

const wished = ({ use, wanted }: Wish, workerId: string, nowMs: number): Lease => ({
  workerId,
  jobId: use.jobId,
  priority: use.priority,
  agreedShare: shareOf(use),
  wanted,
  perSecond: 0,
  untilMs: nowMs + LEASE.lastMs,
});
