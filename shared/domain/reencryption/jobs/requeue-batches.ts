/** The batches of a job are asked for again. */
import { later } from '../../instants';
import type { Change } from '../../ports';
import type { ReencryptionJob } from '../reencryption';
import { batchDue, RECONCILE_MS } from './begin-job';
import { changed, type Why } from './change-job';
import { type FinishPorts, shardsOf } from './finish-job';
import { isOver } from './next-page';

/** The change of a job that goes on: the next batch of every shard is asked for. */
export async function requeueBatches(
  before: ReencryptionJob,
  after: ReencryptionJob,
  ports: FinishPorts,
  why: Why,
): Promise<Change> {
  const open = (await shardsOf(after.jobId, ports)).filter((shard) => !isOver(shard));
  const row = { ...after, dueAt: later(ports.clock.now(), RECONCILE_MS) };
  const { writes, facts } = changed(before, row, ports, why);
  return { writes, facts: [...facts, ...open.map((shard) => batchDue(shard, ports))] };
}
