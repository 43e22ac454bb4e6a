/** Works rows that are due, so that those that fail, however many, keep no other from its turn. */

import { misplacedRows } from './errors';
import { inParallel, type Outcomes } from './parallel-work';
import type { Clock, ControlStore, Write } from './ports';
import { retryOnConflict } from './retry-on-conflict';
import { type DueEntityType, idOf, type Rows } from './rows';
import { inTime } from './time-limit';

export interface WorkDuePorts {
  readonly control: Pick<ControlStore, 'due' | 'find' | 'commit'>;
  readonly clock: Clock;
}

export interface WorkBounds {
  readonly max: number;
  readonly concurrency: number;
  /** No row is begun later: well before Lambda ends the function, with whatever runs after this. */
  readonly forMs: number;
  /** Which of the parts of what is due; all of it where none is named. */
  readonly part?: number;
}

/**
 * Works the longest due, at most `max` of them and as far as it comes in `forMs`. One that fails is due still, and goes to the end of the line. Costs what is due.
 * Rows that were found among them and are no such rows are not worked, and told as one failure.
 *
 * @throws KeywrightError `store.unreachable` (retry) when what is due cannot be read.
 */
export async function workDue<N extends DueEntityType, Result>(
  entityType: N,
  { max, concurrency, forMs, part }: WorkBounds,
  work: (row: Rows[N]) => Promise<Result>,
  { control, clock }: WorkDuePorts,
): Promise<Outcomes<Result>> {
  const leftOut: string[] = [];
  const due = await control.due(entityType, clock.now(), max, (key) => leftOut.push(key), part);
  const { succeeded, failed } = await inParallel(inTime(due, forMs, clock), concurrency, async (row) => {
    try {
      return await work(row);
    } catch (error) {
      // What cannot be moved either stays where it is: the failure that is told is the one of the work.
      await toTheEnd(entityType, row, { control, clock }).catch(() => undefined);
      throw error;
    }
  });
  return { succeeded, failed: [...failed, ...misplacedRows(leftOut)] };
}

async function toTheEnd<N extends DueEntityType>(
  entityType: N,
  seen: Rows[N],
  { control, clock }: WorkDuePorts,
): Promise<void> {
  const id = (idOf[entityType] as (row: Rows[N]) => string)(seen);
  await retryOnConflict(async () => {
    const row = await control.find(entityType, id);
    const now = clock.now();
    if (row?.dueAt === undefined || row.dueAt >= now) return;
    await control.commit({ writes: [{ entityType, row: { ...row, dueAt: now } } as Write], facts: [] });
  });
}
