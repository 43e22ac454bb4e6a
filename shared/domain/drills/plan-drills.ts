/** plan-drills: once a week a drill of each cause, one after the other. The first a week after the product was deployed. */
import { hasCode } from '../errors';
import { DAY_MS, later } from '../instants';
import type { Write } from '../ports';
import { DRILL_CAUSES, type DrillSchedule, SCHEDULE } from './drill';
import { newDrill, type StartDrillPorts } from './start-drill';

const WEEK_MS = 7 * DAY_MS;

/**
 * Writes the drills of the week when it is time. Safe to repeat, also at the same time: of two runs one commits.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function planDrills(ports: StartDrillPorts): Promise<void> {
  const { control, clock } = ports;
  const now = clock.now();
  const before = await control.find('drill-schedule', 'weekly');
  if (before && before.dueAt > now) return;
  const row: DrillSchedule = { scheduleId: 'weekly', dueAt: later(now, WEEK_MS), revision: before?.revision ?? 0 };
  const drills = before ? DRILL_CAUSES.map((cause) => newDrill({ cause, requestedBy: SCHEDULE }, ports)) : [];
  const writes: Write[] = drills.map((drill) => ({ entityType: 'drill', row: drill }));
  try {
    await control.commit({ writes: [{ entityType: 'drill-schedule', row }, ...writes], facts: [] });
  } catch (error) {
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
}
