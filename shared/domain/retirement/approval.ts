/**
 * The word of a second person. It is bound to one key, one step and one certificate, and it runs out: whatever changes
 * about the key makes another certificate, and the old word is worth nothing.
 */

import type { Moves } from '../legal-moves';
import type { Retirement, RetirementStep } from './retirement';
import { hasAskedFor } from './same-person';

/** Whether it still counts is another question: see `approvalFault`. */
export type ApprovalState = 'requested' | 'approved' | 'used';

export const APPROVAL_MOVES = {
  entityType: 'approval',
  stateOf: ({ approvedBy, usedAt }) => {
    if (usedAt !== undefined) return 'used';
    return approvedBy === undefined ? 'requested' : 'approved';
  },
  states: {
    requested: { initial: true, next: ['approved'] },
    approved: { next: ['requested', 'used'] },
    used: { next: ['requested'] },
  },
} as const satisfies Moves<Approval, ApprovalState>;

/** One row a key and step: a request that came to nothing gives way to the next one. */
export interface Approval {
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly step: RetirementStep;
  readonly certificateHash: string;
  readonly requestedBy: string;
  /** Their unique id, as STS told it: it stays when somebody is given another name. A request without it is void. */
  readonly requesterId?: string;
  readonly requestedAt: string;
  /** Why, in the words of who asked. */
  readonly reason: string;
  readonly approvedBy?: string;
  readonly approverId?: string;
  readonly approvedAt?: string;
  /** Until when it may be approved and carried out. */
  readonly expiresAt: string;
  /** When it was carried out. It serves once. */
  readonly usedAt?: string;
  readonly revision: number;
}

/** Why a step may not be carried out on this approval; undefined when it may. */
export function approvalFault(
  approval: Approval | undefined,
  step: RetirementStep,
  { kmsKeyArn, certificate, undoneAt }: Pick<Retirement, 'kmsKeyArn' | 'certificate' | 'undoneAt'>,
  now: string,
): string | undefined {
  if (approval?.approvedBy === undefined) return 'nobody has approved it';
  if (approval.kmsKeyArn !== kmsKeyArn || approval.step !== step) return 'the approval is of something else';
  if (approval.certificateHash !== certificate?.hash) return 'the approval is for another certificate';
  if (approval.usedAt !== undefined) return 'the approval was used';
  if (isVoid(approval, undoneAt))
    return 'the request is void: the step was taken back since, or nobody proved who asked';
  if (approval.expiresAt <= now) return 'the approval has run out';
  if (hasAskedFor(approval, { principal: approval.approvedBy, userId: approval.approverId }))
    return 'one person asked and approved';
  return undefined;
}

/** Whether nobody is known to have asked, or a person has taken the step back since: whoever wants it then asks again. */
export const isVoid = ({ requestedAt, requesterId }: Approval, undoneAt: string | undefined): boolean =>
  requesterId === undefined || (undoneAt !== undefined && requestedAt <= undoneAt);

/** Whether it still counts: for the last certificate, and neither used, nor taken back, nor run out. */
export const isOpen = (
  approval: Approval,
  { certificate, undoneAt }: Pick<Retirement, 'certificate' | 'undoneAt'>,
  now: string,
): boolean =>
  approval.usedAt === undefined &&
  approval.certificateHash === certificate?.hash &&
  !isVoid(approval, undoneAt) &&
  approval.expiresAt > now;
