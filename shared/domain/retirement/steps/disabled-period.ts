/** The fourth stage: whether anybody misses the key. */
import { retirementDue } from '../../../../events/retirement-due';
import { DAY_MS, later } from '../../instants';
import { moved } from '../move-retirement';
import { certified } from '../verify/certificate';
import { findReferences } from '../verify/references';
import { usageSourcesOf } from '../verify/usage-sources';
import { type RetirementContext, verifyUnused } from '../verify/verify-unused';
import type { RetireOutcome, RetirePorts } from './ports';
import { unlessFound, unlessNeeded } from './restore-needed-key';
import { lookAgain } from './schedule-check';

/** Disabled long enough and missed by nobody: it may be deleted. */
export async function checkDisabledPeriod(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { key, retirement } = open;
  const ripeAt = later(retirement.disabledAt ?? retirement.since, retirement.terms.disabledDays * DAY_MS);
  const isRipe = ripeAt <= ports.clock.now() && retirement.held === undefined;
  if (!isRipe) {
    const needed = await unlessNeeded(open, await findReferences(key, ports), ports);
    return needed ?? lookAgain(open, DAY_MS, 'waiting', ports);
  }
  const report = await verifyUnused(open, retirementDue, ports);
  if (!report) return 'waiting';
  const found = await unlessFound(open, report, ports);
  if (found !== undefined) return found;
  const evidence = { checks: report.checks, witnesses: await usageSourcesOf(key, ports) };
  const issued = await certified('safe-to-delete', { key, retirement, evidence }, ports);
  const { row, fact } = moved(issued.retirement, { to: 'deletable', againMs: DAY_MS }, ports);
  await ports.control.commit({ writes: [{ entityType: 'retirement', row }], facts: [issued.fact, fact] });
  return 'went-on';
}
