/** What is done with a key whose retirement is due, by the stage it is in. Every step may run twice. */

import { deletionDue } from '../../../../events/deletion-due';
import { retirementDue } from '../../../../events/retirement-due';
import { DAY_MS, elapsedMs, later, MINUTE_MS, NEVER } from '../../instants';
import { approvalKey } from '../../rows';
import { approvalFault } from '../approval';
import { moved } from '../move-retirement';
import { quietDaysOf, type RetirementStage } from '../retirement';
import { certified } from '../verify/certificate';
import { findReferences, indexLags, isNeeded, type ReferenceReport } from '../verify/references';
import { endOfHour, lastUseOf, type UsageSource, usageSourcesOf } from '../verify/usage-sources';
import { type RetirementContext, verifyUnused } from '../verify/verify-unused';
import { lookAgain } from './check-again';
import { certifyAndDisable, disable, disableApproved } from './disable-key';
import type { RetireOutcome, RetirePorts } from './ports';
import { noteStillNeeded, refuse, wasRefused } from './refuse-retirement';
import { keyStateOf, unlessChangedInKms } from './seen-in-kms';

type Step = (open: RetirementContext, ports: RetirePorts) => Promise<RetireOutcome>;

/** An index that lags has caught up after so long. */
const LAG_MS = 5 * MINUTE_MS;

/** A deletion that two people decided is asked for again after so long, in case the asking was lost. */
const DELETION_AGAIN_MS = 15 * MINUTE_MS;

export const STEPS: Readonly<Record<RetirementStage, Step>> = {
  watching: async (open, ports) => (open.retirement.settleKms ? settleKms(open, ports) : watch(open, ports)),
  quiet: checkQuietPeriod,
  'disable-due': async (open, ports) =>
    open.key.state === 'disabled' ? disable(open, ports) : awaitApproval(open, ports),
  disabled: async (open, ports) =>
    (await unlessChangedInKms(open, 'Disabled', ports)) ?? checkDisabledPeriod(open, ports),
  deletable: async (open, ports) => (await unlessChangedInKms(open, 'Disabled', ports)) ?? askForDeletion(open, ports),
  'deletion-scheduled': awaitDeletion,
  deleted: async () => 'not-due',
};

/** An attempt that was under way when it was undone may have reached KMS after all: it is undone again, once. */
async function settleKms(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { key, retirement } = open;
  const keyState = await keyStateOf(key, ports);
  if (keyState === 'PendingDeletion') await ports.administrator.cancelDeletion(key);
  if (keyState === 'PendingDeletion' || keyState === 'Disabled') await ports.administrator.enable(key);
  const { settleKms: _done, ...row } = retirement;
  const dueAt = row.held ? NEVER : later(ports.clock.now(), DAY_MS);
  await ports.control.commit({ writes: [{ entityType: 'retirement', row: { ...row, dueAt } }], facts: [] });
  return 'waiting';
}

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

/** Uses of before are noted up to the end of their hour: the quiet period begins with the next one. */
async function startQuietPeriod(
  { key, retirement }: RetirementContext,
  quietSince: string,
  ports: RetirePorts,
  reason?: string,
) {
  const move = { to: 'quiet', againMs: DAY_MS, ...(reason !== undefined && { reason }) } as const;
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
async function checkQuietPeriod(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
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

/** Certified: what two people have to agree to is waited for, and looked after as long as that takes. */
async function awaitApproval(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const disturbed = await unlessQuiet(open, await usageSourcesOf(open.key, ports), ports);
  if (disturbed !== undefined) return disturbed;
  const outcome = await disableApproved(open, ports);
  return outcome === 'waiting' ? lookAgain(open, DAY_MS, outcome, ports) : outcome;
}

/** Before the key is disabled: a use, or whatever needs it, takes it back. */
async function unlessQuiet(open: RetirementContext, witnesses: readonly UsageSource[], ports: RetirePorts) {
  const { key, retirement } = open;
  const usedAt = lastUseOf(witnesses);
  if (retirement.quietSince !== undefined && usedAt !== undefined && usedAt > retirement.quietSince) {
    return startQuietPeriod({ ...open, retirement: { ...retirement, usedAt } }, usedAt, ports, `used at ${usedAt}`);
  }
  return unlessNeeded(open, await findReferences(key, ports), ports);
}

/** The index alone brings nobody back into use: where it shows something, the table itself is read. */
async function unlessNeeded(
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
async function unlessFound(
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

/** Disabled long enough and missed by nobody: it may be deleted. */
async function checkDisabledPeriod(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
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

/** Two people decide. What they decided is asked for again, in case the asking was lost. */
async function askForDeletion(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { key, retirement, cursor } = open;
  const { control, clock, ids } = ports;
  const needed = await unlessNeeded(open, await findReferences(key, ports), ports);
  if (needed !== undefined) return needed;
  const approval = await control.find('approval', approvalKey(key.kmsKeyArn, 'schedule-deletion'));
  const isApproved = approvalFault(approval, 'schedule-deletion', retirement, clock.now()) === undefined;
  const isBegun = key.state === 'deletion-scheduled';
  if (!isApproved && !isBegun) return lookAgain(open, DAY_MS, 'waiting', ports);
  const row = { ...retirement, ...(cursor && { scanCursor: cursor }), dueAt: later(clock.now(), DELETION_AGAIN_MS) };
  const due = { factId: ids.next(), at: clock.now(), kmsKeyArn: key.kmsKeyArn };
  const fact = deletionDue.of({ ...due, ...(cursor && { part: cursor.part }) });
  await control.commit({ writes: [{ entityType: 'retirement', row }], facts: [fact] });
  return 'waiting';
}

/** Until KMS has deleted the key, whatever needs it calls the deletion off. */
async function awaitDeletion(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { retirement } = open;
  const changed = await unlessChangedInKms(open, 'PendingDeletion', ports);
  if (changed !== undefined) return changed;
  const needed = await unlessNeeded(open, await findReferences(open.key, ports), ports);
  if (needed !== undefined) return needed;
  const now = ports.clock.now();
  const { deletionDate = now } = retirement;
  return lookAgain(open, deletionDate > now ? elapsedMs(now, deletionDate) : DAY_MS, 'waiting', ports);
}
