/** The first stage: whether anything references the key. */
import { retirementDue } from '../../../../events/retirement-due';
import { quietDaysOf } from '../retirement';
import { indexLags, isNeeded } from '../verify/references';
import { endOfHour, usageSourcesOf } from '../verify/usage-sources';
import { type RetirementContext, verifyUnused } from '../verify/verify-unused';
import { certifyAndDisable } from './disable-key';
import type { RetireOutcome, RetirePorts } from './ports';
import { startQuietPeriod } from './quiet-period';
import { noteStillNeeded, refuse, wasRefused } from './refuse-retirement';
import { LAG_MS } from './restore-needed-key';
import { lookAgain } from './schedule-check';

/** Verifies that nothing references the key. Nobody uses what nothing references: from now on uses are listened for. */
export async function watch(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { key, retirement } = open;
  const report = await verifyUnused(open, retirementDue, ports);
  if (!report) return 'waiting';
  if (isNeeded(report.references)) {
    if (await wasRefused(open, report, ports)) await noteStillNeeded(open, report, ports);
    else await refuse(open, report, ports);
    return 'refused';
  }
  if (indexLags(report)) return lookAgain(open, LAG_MS, 'waiting', ports);
  if (quietDaysOf(retirement) === 0) return certifyAndDisable(open, report, await usageSourcesOf(key, ports), ports);
  return startQuietPeriod(open, endOfHour(ports.clock.now()), ports);
}
