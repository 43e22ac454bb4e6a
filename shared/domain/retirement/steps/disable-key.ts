/**
 * Disabling a key that nothing needs.
 *
 * `disabled` is committed before KMS is asked, so that whoever would bring the key back finds out; and the verification is made
 * again after KMS has disabled it, because a data key that was made a moment before may have been stored a moment after.
 * What the second verification finds brings the key back at once.
 */

import { keyRetired } from '../../../../events/key-retired';
import { retirementDue } from '../../../../events/retirement-due';
import { DAY_MS, later, MINUTE_MS } from '../../instants';
import { KEY_MOVES, type KmsKey } from '../../keys/kms-key';
import { transition } from '../../legal-moves';
import { newFact } from '../../outbox/new-fact';
import type { Write } from '../../ports';
import { approvalKey, committed } from '../../rows';
import { APPROVAL_MOVES, approvalFault } from '../approval';
import { commitOrUndo } from '../commit-or-undo';
import { moved } from '../move-retirement';
import type { Retirement } from '../retirement';
import { certified } from '../verify/certificate';
import { isNeeded, type ReferenceReport } from '../verify/references';
import type { UsageSource } from '../verify/usage-sources';
import { type RetirementContext, verifyUnused } from '../verify/verify-unused';
import type { RetireOutcome, RetirePorts } from './ports';
import { refuse } from './refuse-retirement';

/** An attempt that died is taken up after so long: no attempt that lives takes longer. */
const AGAIN_MS = 10 * MINUTE_MS;

/** The verification has found nothing: it is certified, and the key is disabled unless that takes two people. */
export async function certifyAndDisable(
  { key, retirement }: RetirementContext,
  { checks }: ReferenceReport,
  witnesses: readonly UsageSource[],
  ports: RetirePorts,
): Promise<RetireOutcome> {
  const issued = await certified('safe-to-disable', { key, retirement, evidence: { checks, witnesses } }, ports);
  const waits = retirement.terms.approveDisable;
  const { row, fact } = moved(issued.retirement, { to: 'disable-due', againMs: waits ? DAY_MS : AGAIN_MS }, ports);
  const keyWrite: Write[] = waits ? [] : [{ entityType: 'kms-key', row: disabledRow(key) }];
  await ports.control.commit({
    writes: [...keyWrite, { entityType: 'retirement', row }],
    facts: [issued.fact, fact],
  });
  return waits ? 'waiting' : disable({ key: committed(disabledRow(key)), retirement: committed(row) }, ports);
}

/** Carries out an approved disabling. Other proofs were made since it was certified: this one is the last before. */
export async function disableApproved(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { key, retirement } = open;
  const { control, clock } = ports;
  const approval = await control.find('approval', approvalKey(key.kmsKeyArn, 'disable'));
  if (!approval || approvalFault(approval, 'disable', retirement, clock.now()) !== undefined) return 'waiting';
  const report = await verifyUnused(open, retirementDue, ports);
  if (!report) return 'waiting';
  if (isNeeded(report.references)) {
    await refuse(open, report, ports);
    return 'refused';
  }
  const row = { ...retirement, dueAt: later(clock.now(), AGAIN_MS) };
  await control.commit({
    writes: [
      { entityType: 'kms-key', row: disabledRow(key) },
      { entityType: 'retirement', row },
      { entityType: 'approval', row: transition(APPROVAL_MOVES, approval, { ...approval, usedAt: clock.now() }) },
    ],
    facts: [],
  });
  return disable({ key: committed(disabledRow(key)), retirement: committed(row) }, ports);
}

/** Of a key that is `disabled` for us and perhaps not for KMS. Safe to repeat. */
export async function disable(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  await ports.administrator.disable(open.key);
  const late = await verifyUnused(open, retirementDue, ports);
  if (!late) return 'waiting';
  if (isNeeded(late.references)) {
    await refuse(open, late, ports);
    return 'refused';
  }
  const { key, retirement } = open;
  const at = ports.clock.now();
  const { row, fact } = moved(
    { ...retirement, disabledAt: at },
    { to: 'disabled', againMs: lookIn(retirement) },
    ports,
  );
  const { retirementRefused: _settled, quietSince: _over, ...rest } = key;
  const writes: Write[] = [
    { entityType: 'kms-key', row: { ...rest, retiredAt: at } },
    { entityType: 'retirement', row },
  ];
  const change = { writes, facts: [retiredFact(key, at, ports), fact] };
  await commitOrUndo(change, key.kmsKeyArn, (now) => undoDisabling(now, ports), ports);
  ports.log.info('key retired', { kmsKeyArn: key.kmsKeyArn });
  return 'retired';
}

/** Somebody who took it back meanwhile did so before KMS disabled it: it is enabled again. */
async function undoDisabling(key: KmsKey, { administrator }: RetirePorts): Promise<void> {
  if (key.state === 'retiring') await administrator.enable(key);
}

/** A key that has to be disabled for no time at all may be deleted at once. */
const lookIn = ({ terms }: Retirement): number => Math.min(DAY_MS, terms.disabledDays * DAY_MS);

function retiredFact({ kmsKeyArn, customerId, replacedBy }: KmsKey, at: string, ports: RetirePorts) {
  return newFact(keyRetired, ports, {
    at,
    kmsKeyArn,
    customerId,
    replacedBy,
  });
}

const disabledRow = (key: KmsKey): KmsKey => transition(KEY_MOVES, key, { ...key, state: 'disabled' });
