/**
 * approve-retirement: one person asks for a step that takes two, another approves it.
 *
 * Nothing is disabled or deleted here: what carries the step out looks at everything again, this approval included.
 */

import { approvalChanged } from '../../../events/approval-changed';
import { deletionDue } from '../../../events/deletion-due';
import { retirementDue } from '../../../events/retirement-due';
import { isHeldByCustomer } from '../customers/encryption-options';
import { refusal } from '../errors';
import { DAY_MS, later } from '../instants';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids, Write } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { approvalKey } from '../rows';
import { APPROVAL_MOVES, type Approval, isOpen, isVoid } from './approval';
import { findRetirement, type Retiring } from './find-retirement';
import { type ProvenCaller, useOf } from './identity-proof';
import type { RetirementStage, RetirementStep } from './retirement';
import { hasAskedFor } from './same-person';

export interface StepRequest {
  readonly kmsKeyArn: string;
  readonly step: RetirementStep;
  /** The hash of the certificate that the person has read. */
  readonly certificateHash: string;
  readonly reason: string;
  readonly by: ProvenCaller;
  /** Tells what would happen, and touches nothing. */
  readonly dryRun?: boolean;
}

export type StepApproval = Omit<StepRequest, 'reason'>;

export interface ApprovePorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** How long a request may wait for its approval, and an approved step for being carried out. */
const VALID_MS = 7 * DAY_MS;

/** In which stage a step is taken. */
const TAKEN_IN: Readonly<Record<RetirementStep, RetirementStage>> = {
  disable: 'disable-due',
  'schedule-deletion': 'deletable',
};

/**
 * Asks for a step. Safe to repeat: the same person's request for the same certificate stands as it is.
 *
 * @throws KeywrightError `input.invalid`, `state.not-found`, `state.forbids`: nothing was touched.
 */
export async function requestStep(request: StepRequest, ports: ApprovePorts): Promise<Approval> {
  const { kmsKeyArn, step, certificateHash, reason, by, dryRun } = request;
  return retryOnConflict(async () => {
    const { before, now, retirement } = await asked(request, ports);
    const isAsked = before !== undefined && isOpen(before, retirement, now);
    if (isAsked && (before.requestedBy === by.principal || before.approvedBy !== undefined)) return before;
    if (isAsked) {
      throw forbids('step', `${before.requestedBy} has asked for it already. Approve it instead of asking again.`);
    }
    const { customerId } = retirement;
    const row = transition(APPROVAL_MOVES, before, {
      kmsKeyArn,
      ...defined({ customerId }),
      step,
      certificateHash,
      requestedBy: by.principal,
      requesterId: by.userId,
      requestedAt: now,
      reason,
      expiresAt: later(now, VALID_MS),
      revision: before?.revision ?? 0,
    });
    const writes: Write[] = [await useOf(by, ports), { entityType: 'approval', row }];
    if (!dryRun) await ports.control.commit({ writes, facts: [changedFact(row, 'requested', ports)] });
    return row;
  });
}

/**
 * Approves a step that another person has asked for; it is carried out at once. Safe to repeat.
 *
 * @throws KeywrightError `input.invalid`, `state.not-found`, `state.forbids`: nothing was touched.
 */
export async function approveStep(approval: StepApproval, ports: ApprovePorts): Promise<Approval> {
  const { kmsKeyArn, step, certificateHash, by, dryRun } = approval;
  return retryOnConflict(async () => {
    const { before, now, retirement } = await asked(approval, ports);
    if (!before || before.usedAt !== undefined || isVoid(before, retirement.undoneAt))
      throw refusal(
        'state.not-found',
        'step',
        `nobody has asked for ${step}. Ask for it, and let another person approve.`,
      );
    if (before.certificateHash !== certificateHash)
      throw forbids('certificateHash', 'the request is for another certificate. Ask again for this one.');
    if (before.expiresAt <= now) throw forbids('step', `the request ran out at ${before.expiresAt}. Ask again.`);
    if (hasAskedFor(before, by))
      throw forbids(
        'approval',
        `${before.requestedBy} has asked for it. Another person has to approve: as another user, or in another role.`,
      );
    if (before.approvedBy !== undefined) return before;

    const word = { approvedBy: by.principal, approverId: by.userId, approvedAt: now };
    const row = transition(APPROVAL_MOVES, before, { ...before, ...word });
    const due = step === 'disable' ? retirementDue : deletionDue;
    const writes: Write[] = [
      await useOf(by, ports),
      { entityType: 'approval', row },
      { entityType: 'retirement', row: { ...retirement, dueAt: now } },
    ];
    if (dryRun) return row;
    await ports.control.commit({
      writes,
      facts: [changedFact(row, 'approved', ports), newFact(due, ports, { at: now, kmsKeyArn })],
    });
    return row;
  });
}

/** What both have to be about: a key of ours, in the stage before the step, and its last certificate. */
async function asked({ kmsKeyArn, step, certificateHash }: StepApproval, ports: ApprovePorts) {
  const found = await findRetirement(kmsKeyArn, ports);
  const before = await ports.control.find('approval', approvalKey(kmsKeyArn, step));
  refuseForeign(found);
  refuseStage(found, step);
  if (found.retirement.certificate?.hash !== certificateHash) {
    throw forbids('certificateHash', 'is not that of the key’s last certificate. Read that one, and give its hash.');
  }
  return { ...found, before, now: ports.clock.now() };
}

function refuseForeign({ key }: Retiring): void {
  if (!isHeldByCustomer(key.option)) return;
  throw forbids('key', 'the key is the customer’s: only they disable or delete it. Give them the certificate.');
}

function refuseStage({ retirement: { stage, held, certificate }, key }: Retiring, step: RetirementStep): void {
  if (held) throw forbids('step', `the retirement is held by ${held.by}: ${held.reason}. Let it go on first.`);
  if (stage === TAKEN_IN[step] && certificate && (step === 'schedule-deletion' || key.state === 'retiring')) return;
  throw forbids('step', `${step} is taken from ${TAKEN_IN[step]}, and the key is in ${stage}. See what it waits for.`);
}

function changedFact(approval: Approval, to: 'requested' | 'approved', ports: ApprovePorts) {
  const { kmsKeyArn, customerId, step, certificateHash, requestedBy, approvedBy, reason, expiresAt } = approval;
  return newFact(approvalChanged, ports, {
    kmsKeyArn,
    customerId,
    step,
    to,
    certificateHash,
    requestedBy,
    approvedBy,
    reason,
    expiresAt,
  });
}

const forbids = (field: string, problem: string) => refusal('state.forbids', field, problem);
