/**
 * Last stage: nothing is left under the compromised key, by the same reads that verify it before a key is retired. A data
 * store that came to name a key in use sends it back to be replaced.
 */

import { later, NEVER } from '../../instants';
import { OUT_OF_USE_MS } from '../../keys/data-key';
import type { ReencryptionJob } from '../../reencryption/reencryption';
import { scanReferences } from '../../retirement/verify/full-scan';
import { inFull, isNeeded } from '../../retirement/verify/references';
import { type Compromise, compromiseTransition } from '../compromise';
import { containedFact, endedFact } from '../facts';
import type { CompromisePorts } from '../ports';
import type { StageOf, Step } from './stage';

/** Verifies, part by part, that nothing is left under the key. Safe to repeat: it decides, and what it decides is committed by whoever called it. */
export const verifyContained: StageOf = async ({ scanCursor, ...compromise }, key, ports) => {
  const { jobIds = [] } = key;
  if (jobIds.length > 0) return { kind: 'waiting', compromise, why: await movedBy(jobIds, ports) };
  // Backups stay as they are: what they hold is exposed, and no longer depends on what is done here.
  const { backupIds: _exposed, ...apart } = key;
  const report = await scanReferences(apart, scanCursor, ports);
  if ('cursor' in report) return { kind: 'on', compromise: { ...compromise, scanCursor: report.cursor } };
  const { references } = report;
  if (!isNeeded(references)) return contained(compromise, ports);
  if (key.state === 'active' && references.dataStores.length > 0)
    return { kind: 'on', compromise: compromiseTransition(compromise, { ...compromise, stage: 'replace' }) };
  const verified = { ...compromise, verifiedAt: ports.clock.now() };
  return { kind: 'waiting', compromise: verified, why: `Still under it: ${inFull(references).join(', ')}.` };
};

/** With why, for a job that stands still. */
async function movedBy(jobIds: readonly string[], { control }: CompromisePorts): Promise<string> {
  const jobs = await Promise.all(jobIds.map((jobId) => control.find('reencryption-job', jobId)));
  const words = jobs.flatMap((job) => (job ? [`${job.jobId}${standing(job)}`] : []));
  return `Data keys are moved by ${words.join(', ')}.`;
}

function standing({ state, pausedBy, parkedBy }: ReencryptionJob): string {
  if (state === 'paused') return ` (paused by ${pausedBy}: resume it)`;
  return state === 'parked' ? ` (parked: ${parkedBy})` : '';
}

/** Every data key that is to be replaced is marked; with none to be replaced it is over altogether. */
function contained(before: Compromise, ports: CompromisePorts): Step {
  const now = ports.clock.now();
  const over = { ...before, containedAt: now, dueAt: NEVER };
  if (before.replaceDataKeys && before.affected > 0) {
    const cleanFrom = later(now, OUT_OF_USE_MS);
    const contained = compromiseTransition(before, { ...over, stage: 'over', state: 'contained', cleanFrom });
    return { kind: 'over', compromise: contained, facts: [containedFact(contained, ports)] };
  }
  const ended = compromiseTransition(before, { ...over, stage: 'over', state: 'ended', endedAt: now });
  return { kind: 'over', compromise: ended, facts: [containedFact(ended, ports), endedFact(ended, ports)] };
}
