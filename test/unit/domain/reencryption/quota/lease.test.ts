import * as fc from 'fast-check';
import type { KmsQuota, QuotaUse } from '../../../../../shared/domain/reencryption/quota/kms-quota';
import { PRIORITIES } from '../../../../../shared/domain/reencryption/quota/kms-quota';
import { type Grant, LEASE, quotaAtStart, renewed } from '../../../../../shared/domain/reencryption/quota/lease';
import { allowanceOf } from '../../../../../shared/domain/reencryption/quota/spare-quota';

const START_MS = 1_000_000;
const OWN = 'own/eu-west-3';
const THEIRS = '999988887777/eu-west-3';
const QUIET = { calls: 0, throttled: 0, latencyMs: 0 };

interface Renewal {
  readonly workerId: string;
  readonly jobs: readonly { readonly jobId: string; readonly wanted: number }[];
}

const useOf = (quotaId: string, jobId: string): QuotaUse => ({
  quotaId,
  jobId,
  priority: PRIORITIES['cdr'.indexOf(jobId)] ?? 'routine',
  agreedShare: 0.2,
});

function renew(quota: KmsQuota, { workerId, jobs }: Renewal, nowMs: number) {
  const wishes = jobs.map(({ jobId, wanted }) => ({ use: useOf(quota.quotaId, jobId), wanted }));
  return renewed(quota, { workerId, wishes, heard: QUIET }, nowMs);
}

/** Workers that come again and again, until nothing changes any more. */
function settled(quotaId: string, workers: readonly Renewal[]): ReadonlyMap<string, readonly Grant[]> {
  let quota = quotaAtStart(quotaId, START_MS);
  const grants = new Map<string, readonly Grant[]>();
  for (let round = 0; round < 600; round += 1) {
    for (const worker of workers) {
      const after = renew(quota, worker, START_MS + round * LEASE.renewMs);
      quota = after.quota;
      grants.set(worker.workerId, after.grants);
    }
  }
  return grants;
}

const total = (grants: ReadonlyMap<string, readonly Grant[]>) =>
  [...grants.values()].flat().reduce((sum, { perSecond }) => sum + perSecond, 0);

const jobs = fc.uniqueArray(
  fc.record({ jobId: fc.constantFrom('c', 'd', 'r', 's'), wanted: fc.double({ min: 0, max: 9_000, noNaN: true }) }),
  { maxLength: 3, selector: ({ jobId }) => jobId },
);
const history = fc.array(
  fc.record({ workerId: fc.constantFrom('w1', 'w2', 'w3', 'w4', 'w5'), jobs, afterMs: fc.nat({ max: 2_000 }) }),
  { maxLength: 60 },
);

test('whoever comes when and wants what: a renewal never makes more of it than there is', () => {
  fc.assert(
    fc.property(history, fc.constantFrom(OWN, THEIRS), (renewals, quotaId) => {
      let quota = quotaAtStart(quotaId, START_MS);
      let nowMs = START_MS;
      for (const { afterMs, ...renewal } of renewals) {
        nowMs += afterMs;
        const others = quota.leases.filter(({ workerId, untilMs }) => workerId !== renewal.workerId && untilMs > nowMs);
        const held = others.reduce((sum, { perSecond }) => sum + perSecond, 0);
        const { quota: after, grants } = renew(quota, renewal, nowMs);
        const there = Math.min(allowanceOf(after, after.outlook), quotaId === THEIRS ? 0.2 * 10_000 : Infinity);
        const granted = grants.reduce((sum, { perSecond }) => sum + perSecond, 0);
        expect(granted).toBeLessThanOrEqual(Math.max(0, there - held) + 1e-6);
        quota = after;
      }
    }),
    { numRuns: 1_000 },
  );
});

test('jobs of one priority come to the same part, also when one was there long before', () => {
  const workers = [
    { workerId: 'w1', jobs: [{ jobId: 'r', wanted: 9_000 }] },
    { workerId: 'w2', jobs: [{ jobId: 's', wanted: 9_000 }] },
    { workerId: 'w3', jobs: [{ jobId: 's', wanted: 9_000 }] },
  ];
  const grants = settled(OWN, workers);

  expect(grants.get('w1')?.[0]?.perSecond).toBeCloseTo(2_500);
  expect(grants.get('w2')?.[0]?.perSecond).toBeCloseTo(1_250);
  expect(grants.get('w3')?.[0]?.perSecond).toBeCloseTo(1_250);
});

test('a job of a higher priority takes over within two renewals of each worker', () => {
  const routine = { workerId: 'w1', jobs: [{ jobId: 'r', wanted: 9_000 }] };
  const urgent = { workerId: 'w2', jobs: [{ jobId: 'c', wanted: 9_000 }] };
  let quota = quotaAtStart(OWN, START_MS);
  for (let at = 0; at < 600; at += 1) quota = renew(quota, routine, START_MS + at * LEASE.renewMs).quota;
  const nowMs = START_MS + 600 * LEASE.renewMs;

  const first = renew(quota, urgent, nowMs);
  const second = renew(first.quota, routine, nowMs + 10);
  const third = renew(second.quota, urgent, nowMs + 20);

  expect(first.grants[0]?.perSecond).toBeLessThan(100);
  expect(third.grants[0]?.perSecond).toBeGreaterThan(4_800);
});

test('a customer’s quota is used up to the share they agreed to, by all jobs and workers together', () => {
  const workers = ['w1', 'w2', 'w3'].map((workerId) => ({
    workerId,
    jobs: ['c', 'r'].map((jobId) => ({ jobId, wanted: 9_000 })),
  }));

  expect(total(settled(THEIRS, workers))).toBeCloseTo(2_000);
});

test('what a worker held that died goes to the others when its lease is over, and not before', () => {
  const dead = { workerId: 'w1', jobs: [{ jobId: 'r', wanted: 9_000 }] };
  const alive = { workerId: 'w2', jobs: [{ jobId: 'r', wanted: 9_000 }] };
  let quota = quotaAtStart(OWN, START_MS);
  for (let at = 0; at < 600; at += 1) {
    const nowMs = START_MS + at * LEASE.renewMs;
    quota = renew(renew(quota, dead, nowMs).quota, alive, nowMs).quota;
  }
  const diedMs = START_MS + 599 * LEASE.renewMs;

  const before = renew(quota, alive, diedMs + LEASE.lastMs - 1);
  const after = renew(quota, alive, diedMs + LEASE.lastMs);

  expect(before.grants[0]?.perSecond).toBeCloseTo(2_500);
  expect(after.grants[0]?.perSecond).toBeCloseTo(5_000);
});

test('a worker that wants nothing any more leaves no lease behind', () => {
  const held = renew(
    quotaAtStart(OWN, START_MS),
    { workerId: 'w1', jobs: [{ jobId: 'r', wanted: 100 }] },
    START_MS + 250,
  );

  expect(held.quota.leases).toHaveLength(1);
  expect(renew(held.quota, { workerId: 'w1', jobs: [] }, START_MS + 500).quota.leases).toEqual([]);
});
