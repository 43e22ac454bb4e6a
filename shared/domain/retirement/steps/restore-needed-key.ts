/** In every stage: what needs the key after all brings it back into use. */
import { retirementDue } from '../../../../events/retirement-due';
import { MINUTE_MS } from '../../instants';
import { indexLags, isNeeded, type ReferenceReport } from '../verify/references';
import { type RetirementContext, verifyUnused } from '../verify/verify-unused';
import type { RetireOutcome, RetirePorts } from './ports';
import { refuse } from './refuse-retirement';
import { lookAgain } from './schedule-check';

/** An index that lags has caught up after so long. */
export const LAG_MS = 5 * MINUTE_MS;

/** The index alone brings nobody back into use: where it shows something, the table itself is read. */
export async function unlessNeeded(
  open: RetirementContext,
  seen: ReferenceReport,
  ports: RetirePorts,
): Promise<RetireOutcome | undefined> {
  if (!isNeeded(seen.references) && !indexLags(seen)) return undefined;
  const report = await verifyUnused(open, retirementDue, ports);
  if (!report) return 'waiting';
  return (await unlessFound(open, report, ports)) ?? lookAgain(open, LAG_MS, 'waiting', ports);
}

/** What a verification has found brings the key back into use. An index that still shows what is gone is waited for. */
export async function unlessFound(
  open: RetirementContext,
  report: ReferenceReport,
  ports: RetirePorts,
): Promise<RetireOutcome | undefined> {
  if (isNeeded(report.references)) {
    await refuse(open, report, ports);
    return 'refused';
  }
  return indexLags(report) ? lookAgain(open, LAG_MS, 'waiting', ports) : undefined;
}
