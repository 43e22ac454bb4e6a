import { type DetailOf, defineEvent } from './define-event';
import { text } from './fields';

/**
 * Somebody asked for a drill.
 *
 * Published by: functions/api. Read by: functions/run-drill.
 * Delivery: at least once, unordered. Deduplicate on drillId.
 */
export const drillDue = defineEvent('drill-due', 1, {
  drillId: text,
});
export type DrillDue = DetailOf<typeof drillDue>;
