/** The KMS quota that a key's requests count against: who uses how much of it, and how large it is. */
import * as z from 'zod/mini';
import type { FactPorts } from '../outbox/new-fact';
import { type KmsQuota, quotaOf, sizeOf } from '../reencryption/quota/kms-quota';
import { findQuota, type QuotaPorts, setQuota } from '../reencryption/quota/set-quota';
import { count, keyName } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { defineOperation } from './operation';

export interface QuotaShown {
  readonly quotaId: string;
  readonly perSecond: number;
  readonly reserved: number;
  /** What applications used when they were last counted. Absent: nobody tells, or nothing was re-encrypted lately. */
  readonly livePerSecond?: number;
  /** What jobs may send at this moment. */
  readonly jobs: readonly { readonly jobId: string; readonly priority: string; readonly perSecond: number }[];
}

const quotaOfKey = async (name: string, ports: FindKeyPorts) => {
  const key = await findKey(name, ports);
  return quotaOf(key, key);
};

export const showKmsQuota = defineOperation(
  'show-kms-quota',
  { key: keyName },
  async ({ key }, _caller, ports: FindKeyPorts & QuotaPorts) =>
    shown(await findQuota(await quotaOfKey(key, ports), ports), Date.parse(ports.clock.now())),
);

export const setKmsQuota = defineOperation(
  'set-kms-quota',
  { key: keyName, perSecond: z.optional(count), reserved: z.optional(count) },
  async ({ key, ...size }, { principal }, ports: FindKeyPorts & QuotaPorts & FactPorts) =>
    shown(await setQuota(await quotaOfKey(key, ports), size, principal, ports), Date.parse(ports.clock.now())),
);

function shown(quota: KmsQuota, nowMs: number): QuotaShown {
  const { quotaId, reserved = 0, outlook } = quota;
  const leases = quota.leases.filter(({ untilMs }) => untilMs > nowMs);
  const jobs = new Map(leases.map(({ jobId, priority }) => [jobId, { jobId, priority, perSecond: 0 }]));
  for (const { jobId, perSecond } of leases) {
    const job = jobs.get(jobId);
    if (job) job.perSecond += perSecond;
  }
  const isRecent = nowMs - outlook.atMs < RECENT_MS;
  return {
    quotaId,
    perSecond: sizeOf(quota),
    reserved,
    ...(isRecent && outlook.live?.perSecond !== undefined && { livePerSecond: Math.round(outlook.live.perSecond) }),
    jobs: [...jobs.values()].map((job) => ({ ...job, perSecond: Math.round(job.perSecond) })),
  };
}

/** What was counted longer ago says nothing about now. */
const RECENT_MS = 10_000;
