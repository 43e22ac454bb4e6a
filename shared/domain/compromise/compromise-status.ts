/** How far a compromise is: what is known of it, where it stands, and what is left to do. */

import type { Clock, ControlStore } from '../ports';
import { type Progress, progressOf } from '../reencryption/jobs/progress';
import { mustFind } from '../require-row';
import { exposureKey } from '../rows';
import type { Compromise, Exposure } from './compromise';

/** What people see of a compromise. */
export type ShownCompromise = Omit<Compromise, 'segments' | 'listedFrom' | 'revision'>;

export interface CompromiseStatus {
  readonly compromise: ShownCompromise;
  /** The job that moves the data keys of a KMS key, once it has begun. */
  readonly moving?: Progress;
  readonly exposures: readonly Omit<Exposure, 'countedIn' | 'revision'>[];
  /** There are more than the list shows. */
  readonly more: boolean;
  /** Data stores of which the application has not said that nothing is left. */
  readonly left: number;
  /** Records that applications have protected anew, in the data stores that the list shows. */
  readonly reprotected: number;
}

const LISTED_MAX = 1_000;

/** @throws KeywrightError `state.not-found`. */
export async function compromiseStatus(
  compromiseId: string,
  ports: { readonly control: ControlStore; readonly clock: Clock },
): Promise<CompromiseStatus> {
  const row = await mustFind('compromise', compromiseId, ports);
  const moving = await movingOf(row, ports);
  const found = await exposuresOf(row, ports.control);
  const exposures = found.slice(0, LISTED_MAX).map(({ countedIn: _round, revision: _row, ...exposure }) => exposure);
  return {
    compromise: shown(row),
    ...(moving && { moving }),
    exposures,
    more: found.length > LISTED_MAX,
    left: row.replaceDataKeys ? row.affected - row.cleared : 0,
    reprotected: exposures.reduce((sum, { scan }) => sum + (scan?.reprotected ?? 0), 0),
  };
}

/** A compromise without what only the product uses. */
export function shown({ segments: _read, listedFrom: _step, revision: _store, ...compromise }: Compromise) {
  return compromise;
}

async function movingOf({ rotationId }: Compromise, ports: { readonly control: ControlStore; readonly clock: Clock }) {
  const rotation = rotationId === undefined ? undefined : await ports.control.find('rotation', rotationId);
  const job = rotation?.jobId === undefined ? undefined : await ports.control.find('reencryption-job', rotation.jobId);
  return job && progressOf(job.jobId, ports);
}

/** One more than are listed, if there are. */
async function exposuresOf(compromise: Compromise, control: ControlStore): Promise<readonly Exposure[]> {
  const { compromiseId, kmsKeyArn, declared = [] } = compromise;
  if (kmsKeyArn === undefined) {
    const ids = new Set(declared.map((name) => exposureKey(compromiseId, name)));
    return (await Promise.all([...ids].map((id) => control.find('exposure', id)))).flatMap((row) => row ?? []);
  }
  const found: Exposure[] = [];
  for await (const exposure of control.ofKmsKey('exposure', kmsKeyArn)) {
    if (exposure.compromiseId === compromiseId) found.push(exposure);
    if (found.length > LISTED_MAX) break;
  }
  return found;
}
