/** The second stage: whether anybody uses what nothing references. */

import { retirementDue } from '../../../../events/retirement-due';
import { DAY_MS, elapsedMs, later } from '../../instants';
import { defined } from '../../optional-fields';
import { moved } from '../move-retirement';
import { quietDaysOf } from '../retirement';
import { findReferences } from '../verify/references';
import { lastUseOf, type UsageSource, usageSourcesOf } from '../verify/usage-sources';
import { type RetirementContext, verifyUnused } from '../verify/verify-unused';
import { certifyAndDisable } from './disable-key';
import type { RetireOutcome, RetirePorts } from './ports';
import { unlessFound, unlessNeeded } from './restore-needed-key';
import { lookAgain } from './schedule-check';

/** Uses of before are noted up to the end of their hour: the quiet period begins with the next one. */
export async function startQuietPeriod(
  { key, retirement }: RetirementContext,
  quietSince: string,
  ports: RetirePorts,
  reason?: string,
) {
  const move = { to: 'quiet', againMs: DAY_MS, ...defined({ reason }) } as const;
  const { row, fact } = moved({ ...retirement, quietSince }, move, ports);
  await ports.control.commit({
    writes: [
      { entityType: 'kms-key', row: { ...key, quietSince } },
      { entityType: 'retirement', row },
    ],
    facts: [fact],
  });
  return 'went-on' as const;
}

/** The quiet period: a use begins it anew, whatever needs the key ends it. */
export async function checkQuietPeriod(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { key, retirement } = open;
  const witnesses = await usageSourcesOf(key, ports);
  const disturbed = await unlessQuiet(open, witnesses, ports);
  if (disturbed !== undefined) return disturbed;
  const until = later(retirement.quietSince ?? retirement.since, quietDaysOf(retirement) * DAY_MS);
  if (until > ports.clock.now()) return lookAgain(open, elapsedMs(ports.clock.now(), until), 'waiting', ports);
  const report = await verifyUnused(open, retirementDue, ports);
  if (!report) return 'waiting';
  return (await unlessFound(open, report, ports)) ?? certifyAndDisable(open, report, witnesses, ports);
}

/** Before the key is disabled: a use, or whatever needs it, takes it back. */
export async function unlessQuiet(open: RetirementContext, witnesses: readonly UsageSource[], ports: RetirePorts) {
  const { key, retirement } = open;
  const usedAt = lastUseOf(witnesses);
  if (retirement.quietSince !== undefined && usedAt !== undefined && usedAt > retirement.quietSince) {
    return startQuietPeriod({ ...open, retirement: { ...retirement, usedAt } }, usedAt, ports, `used at ${usedAt}`);
  }
  return unlessNeeded(open, await findReferences(key, ports), ports);
}
