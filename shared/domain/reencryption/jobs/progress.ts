/** How far a re-encryption job is: read off its shards, which are the only rows that batches write. */

import { elapsedMs } from '../../instants';
import { defined } from '../../optional-fields';
import type { Clock, ControlStore } from '../../ports';
import { mustFind } from '../../require-row';
import type { Priority } from '../quota/kms-quota';
import type { ReencryptionJob } from '../reencryption';
import { countsOf, shardsOf } from './finish-job';
import { opensAt } from './job-terms';
import { isOver } from './next-page';

export interface Progress {
  readonly state: ReencryptionJob['state'];
  readonly priority: Priority;
  /** When its window opens: it runs, and waits until then. */
  readonly waitsUntil?: string;
  readonly parkedBy?: string;
  readonly pausedBy?: string;
  /** What the index showed when each shard began. An estimate: data keys come and go. */
  readonly expected: number;
  readonly reencrypted: number;
  readonly quarantined: number;
  readonly shards: number;
  readonly shardsDone: number;
  /** Data keys a second since the job began, pauses included; absent before the first batch. */
  readonly perSecond?: number;
  /** At that rate, by what the index showed; absent when nothing tells. */
  readonly secondsLeft?: number;
}

/** @throws KeywrightError `state.not-found`. */
export async function progressOf(
  jobId: string,
  ports: { readonly control: ControlStore; readonly clock: Clock },
): Promise<Progress> {
  const job = await mustFind('reencryption-job', jobId, ports);
  const shards = await shardsOf(jobId, ports);
  const { reencrypted, quarantined } = countsOf(shards);
  const expected = shards.reduce((sum, shard) => sum + shard.expected, 0);
  const now = ports.clock.now();
  const mayAt = opensAt(job, now);
  return {
    state: job.state,
    priority: job.priority ?? 'routine',
    ...(job.state === 'running' && mayAt !== now && { waitsUntil: mayAt }),
    ...defined({ parkedBy: job.parkedBy, pausedBy: job.pausedBy }),
    expected,
    ...rateOf(job, reencrypted + quarantined, expected, now),
    reencrypted,
    quarantined,
    shards: shards.length,
    shardsDone: shards.filter(isOver).length,
  };
}

function rateOf({ startedAt, finishedAt }: ReencryptionJob, worked: number, expected: number, now: string) {
  const seconds = elapsedMs(startedAt, finishedAt ?? now) / 1000;
  if (worked === 0 || seconds <= 0) return {};
  const perSecond = worked / seconds;
  return { perSecond, ...(finishedAt === undefined && { secondsLeft: Math.max(0, expected - worked) / perSecond }) };
}
