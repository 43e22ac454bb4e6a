import { type DetailOf, defineEvent } from './define-event';
import { text, wholeNumber } from './fields';

/**
 * The next step of containing a compromise may be taken.
 *
 * Published by: functions/contain-compromise. Read by: functions/contain-compromise.
 * Delivery: at least once, unordered. Deduplicate on compromiseId and step.
 */
export const containmentDue = defineEvent('containment-due', 1, {
  /** The compromise: every fact about it carries the same one. */
  compromiseId: text,
  /** The step that is due, from 0. */
  step: wholeNumber,
});
export type ContainmentDue = DetailOf<typeof containmentDue>;
