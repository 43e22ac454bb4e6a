/** The third stage, where disabling takes two people. */
import { DAY_MS } from '../../instants';
import { usageSourcesOf } from '../verify/usage-sources';
import type { RetirementContext } from '../verify/verify-unused';
import { disableApproved } from './disable-key';
import type { RetireOutcome, RetirePorts } from './ports';
import { unlessQuiet } from './quiet-period';
import { lookAgain } from './schedule-check';

/** Certified: what two people have to agree to is waited for, and looked after as long as that takes. */
export async function awaitApproval(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const disturbed = await unlessQuiet(open, await usageSourcesOf(open.key, ports), ports);
  if (disturbed !== undefined) return disturbed;
  const outcome = await disableApproved(open, ports);
  return outcome === 'waiting' ? lookAgain(open, DAY_MS, outcome, ports) : outcome;
}
