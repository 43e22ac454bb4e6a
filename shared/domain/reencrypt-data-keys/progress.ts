/** How far a re-encryption job is: read off its shards, which are the only rows that batches write. */
import { KeywrightError } from '../errors';
import type { ControlStore } from '../ports';
import type { ReencryptionJob } from '../reencryption';
import { countsOf, shardsOf } from './finish-job';
import { isOver } from './next-page';

export interface Progress {
  readonly state: ReencryptionJob['state'];
  readonly parkedBy?: string;
  /** What the index showed when each shard began. An estimate: data keys come and go. */
  readonly expected: number;
  readonly reencrypted: number;
  readonly setAside: number;
  readonly shards: number;
  readonly shardsDone: number;
}

/** @throws KeywrightError `state.not-found`. */
export async function progressOf(jobId: string, ports: { readonly control: ControlStore }): Promise<Progress> {
  const job = await ports.control.find('reencryption-job', jobId);
  if (!job) throw new KeywrightError('state.not-found', 'There is no such job.', { jobId });
  const shards = await shardsOf(jobId, ports);
  const { reencrypted, setAside } = countsOf(shards);
  return {
    state: job.state,
    ...(job.parkedBy !== undefined && { parkedBy: job.parkedBy }),
    expected: shards.reduce((sum, shard) => sum + shard.expected, 0),
    reencrypted,
    setAside,
    shards: shards.length,
    shardsDone: shards.filter(isOver).length,
  };
}
