/** A retirement that waits says when it is looked at next. */
import { DAY_MS, later } from '../../instants';
import type { RetirementContext } from '../verify/verify-unused';
import type { RetireOutcome, RetirePorts } from './ports';

/** At the latest in so many milliseconds. What is looked at before that anyway, and is not due now, is left as it is. */
export async function lookAgain<Outcome extends RetireOutcome>(
  { retirement, cursor }: RetirementContext,
  inMs: number,
  outcome: Outcome,
  { control, clock }: RetirePorts,
): Promise<Outcome> {
  const now = clock.now();
  const dueAt = later(now, Math.min(inMs, DAY_MS));
  if (!cursor && retirement.revision > 0 && retirement.dueAt > now && retirement.dueAt <= dueAt) return outcome;
  await control.commit({ writes: [{ entityType: 'retirement', row: { ...retirement, dueAt } }], facts: [] });
  return outcome;
}
