/**
 * delete-key: schedules the deletion of a key that two people have decided, and nothing else.
 *
 * `deletion-scheduled` is committed before KMS is asked, with the approval used up; everything is verified again before and
 * after. Until KMS has deleted the key, whatever needs it calls the deletion off.
 */

import { deletionDue } from '../../../events/deletion-due';
import { retirementDue } from '../../../events/retirement-due';
import { isHeldByCustomer } from '../customers/encryption-options';
import { DAY_MS, later, MINUTE_MS } from '../instants';
import { KEY_MOVES, type KmsKey } from '../keys/kms-key';
import type { KeyAdministrator } from '../keys/ports';
import { transition } from '../legal-moves';
import { newFact } from '../outbox/new-fact';
import type { Change } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { approvalKey, committed } from '../rows';
import { APPROVAL_MOVES, type Approval, approvalFault } from './approval';
import { commitOrUndo } from './commit-or-undo';
import type { Retiring } from './find-retirement';
import { moved } from './move-retirement';
import type { RetirePorts } from './steps/ports';
import { certified } from './verify/certificate';
import { isNeeded } from './verify/references';
import { usageSourcesOf } from './verify/usage-sources';
import { isAskedFor, type RetirementContext, retirementContext, verifyUnused } from './verify/verify-unused';

export interface DeletePorts extends Omit<RetirePorts, 'administrator'> {
  readonly administrator: Pick<KeyAdministrator, 'scheduleDeletion' | 'cancelDeletion' | 'enable'>;
}

/** `refused`: something needs the key, and its retirement takes it from there. `waiting`: for the rest of the scan. */
export type DeleteOutcome = 'scheduled' | 'refused' | 'waiting' | 'not-due';

const AGAIN_MS = 15 * MINUTE_MS;

/**
 * Carries out an approved deletion, or the next part of its verification. Safe to repeat: without an approval that is valid
 * now, nothing is touched.
 *
 * @throws KeywrightError `kms.*` and `store.*` that may pass (retry).
 */
export async function deleteKey(
  { kmsKeyArn, part }: { readonly kmsKeyArn: string; readonly part?: number | undefined },
  ports: DeletePorts,
): Promise<DeleteOutcome> {
  return retryOnConflict(async () => {
    const { control } = ports;
    const [key, retirement, approval] = await Promise.all([
      control.find('kms-key', kmsKeyArn),
      control.find('retirement', kmsKeyArn),
      control.find('approval', approvalKey(kmsKeyArn, 'schedule-deletion')),
    ]);
    if (!key || !retirement || !approval || retirement.stage !== 'deletable' || retirement.held) return 'not-due';
    if (isHeldByCustomer(key.option)) return 'not-due';
    // A verification that is under way goes on by itself, a part at a time.
    const begins = part === undefined && !retirement.scanCursor;
    if (!begins && !isAskedFor(retirement, part, ports.clock.now())) return 'not-due';
    const open = { ...retirementContext(key, retirement), approval };
    if (key.state === 'deletion-scheduled') return schedule(open, ports);
    const fault = approvalFault(approval, 'schedule-deletion', retirement, ports.clock.now());
    return key.state === 'disabled' && fault === undefined ? begin(open, ports) : 'not-due';
  });
}

interface Approved extends RetirementContext {
  readonly approval: Approval;
}

async function begin(open: Approved, ports: DeletePorts): Promise<DeleteOutcome> {
  const { key, retirement, approval } = open;
  const report = await verifyUnused(open, deletionDue, ports);
  if (!report) return 'waiting';
  if (isNeeded(report.references)) return giveBack(open, ports);
  const rows = {
    key: transition(KEY_MOVES, key, { ...key, state: 'deletion-scheduled' }),
    retirement: { ...retirement, dueAt: later(ports.clock.now(), AGAIN_MS) },
    approval: transition(APPROVAL_MOVES, approval, { ...approval, usedAt: ports.clock.now() }),
  };
  await ports.control.commit({
    writes: [
      { entityType: 'kms-key', row: rows.key },
      { entityType: 'retirement', row: rows.retirement },
      { entityType: 'approval', row: rows.approval },
    ],
    facts: [],
  });
  return schedule({ key: committed(rows.key), retirement: committed(rows.retirement), approval: rows.approval }, ports);
}

/** Decided, and perhaps not asked of KMS yet. */
async function schedule(open: Approved, ports: DeletePorts): Promise<DeleteOutcome> {
  const { key, retirement, approval } = open;
  const deletionDate = await ports.administrator.scheduleDeletion(key, retirement.terms.waitingDays);
  const report = await verifyUnused(open, deletionDue, ports);
  if (!report) return 'waiting';
  if (isNeeded(report.references)) {
    await ports.administrator.cancelDeletion(key);
    return giveBack(open, ports);
  }
  const evidence = { checks: report.checks, witnesses: await usageSourcesOf(key, ports), approvals: [approval] };
  const dated = { ...retirement, deletionDate };
  const issued = await certified('deletion-scheduled', { key, retirement: dated, evidence }, ports);
  const { row, fact } = moved(issued.retirement, { to: 'deletion-scheduled', againMs: DAY_MS }, ports);
  // The key's row is part of it, though nothing of it changes: who took the key back meanwhile is noticed.
  const writes: Change['writes'] = [
    { entityType: 'kms-key', row: key },
    { entityType: 'retirement', row },
  ];
  const change = { writes, facts: [issued.fact, fact] };
  await commitOrUndo(change, key.kmsKeyArn, (now) => undoScheduling(now, ports), ports);
  ports.log.info('key deletion scheduled', { kmsKeyArn: key.kmsKeyArn, deletionDate });
  return 'scheduled';
}

/** Somebody who called it off meanwhile did so before KMS had it: it is called off again. */
async function undoScheduling(key: KmsKey, { administrator }: DeletePorts): Promise<void> {
  if (key.state !== 'deletion-scheduled') await administrator.cancelDeletion(key);
  if (key.state === 'retiring') await administrator.enable(key);
}

/** The key is needed: its retirement finds that out for itself, at once, and puts it back into use. */
async function giveBack({ key, retirement }: Retiring, ports: DeletePorts): Promise<DeleteOutcome> {
  const now = ports.clock.now();
  await ports.control.commit({
    writes: [
      { entityType: 'kms-key', row: transition(KEY_MOVES, key, { ...key, state: 'disabled' }) },
      { entityType: 'retirement', row: { ...retirement, dueAt: now } },
    ],
    facts: [newFact(retirementDue, ports, { at: now, kmsKeyArn: key.kmsKeyArn })],
  });
  return 'refused';
}
