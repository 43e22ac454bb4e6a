/**
 * Disabling a key that nothing needs.
 *
 * `disabled` is committed before KMS is asked, so that whoever would bring the key back finds out; and the verification is made
 * again after KMS has disabled it, because a data key that was made a moment before may have been stored a moment after.
 * What the second verification finds brings the key back at once.
 */

import { keyRetired } from '../../../../events/key-retired';
import { retirementDue } from '../../../../events/retirement-due';
import { hasCode } from '../../errors';
import { DAY_MS, later, MINUTE_MS } from '../../instants';
import { KEY_MOVES, type KmsKey } from '../../keys/kms-key';
import { transition } from '../../lifecycle';
import type { Change, Write } from '../../ports';
import { approvalKey, committed } from '../../rows';
import { APPROVAL_MOVES, approvalFault } from '../approval';
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
  await committedOrUndone({ writes, facts: [retiredFact(key, at, ports), fact] }, key, ports);
  ports.log.info('key retired', { kmsKeyArn: key.kmsKeyArn });
  return 'retired';
}

/** Somebody who took it back meanwhile did so before KMS disabled it: it is enabled again. */
async function committedOrUndone(change: Change, { kmsKeyArn }: KmsKey, { control, administrator }: RetirePorts) {
  try {
    await control.commit(change);
  } catch (error) {
    const key = hasCode(error, 'state.changed-meanwhile') ? await control.find('kms-key', kmsKeyArn) : undefined;
    if (key?.state === 'retiring') await administrator.enable(key);
    throw error;
  }
}

/** A key that has to be disabled for no time at all may be deleted at once. */
const lookIn = ({ terms }: Retirement): number => Math.min(DAY_MS, terms.disabledDays * DAY_MS);

function retiredFact({ kmsKeyArn, customerId, replacedBy }: KmsKey, at: string, { ids }: RetirePorts) {
  return keyRetired.of({
    factId: ids.next(),
    at,
    kmsKeyArn,
    ...(customerId !== undefined && { customerId }),
    ...(replacedBy !== undefined && { replacedBy }),
  });
}

const disabledRow = (key: KmsKey): KmsKey => transition(KEY_MOVES, key, { ...key, state: 'disabled' });
