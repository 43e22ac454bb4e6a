/**
 * The word of a second person. It is bound to one key, one step and one certificate, and it runs out: whatever changes
 * about the key makes another certificate, and the old word is worth nothing.
 */
import type { Retirement, RetirementStep } from './retirement';

/** One row a key and step: a request that came to nothing gives way to the next one. */
export interface Approval {
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly step: RetirementStep;
  readonly certificateHash: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  /** Why, in the words of who asked. */
  readonly reason: string;
  readonly approvedBy?: string;
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
  { kmsKeyArn, certificate }: Pick<Retirement, 'kmsKeyArn' | 'certificate'>,
  now: string,
): string | undefined {
  if (approval?.approvedBy === undefined) return 'nobody has approved it';
  if (approval.kmsKeyArn !== kmsKeyArn || approval.step !== step) return 'the approval is of something else';
  if (approval.certificateHash !== certificate?.hash) return 'the approval is for another certificate';
  if (approval.usedAt !== undefined) return 'the approval was used';
  if (approval.expiresAt <= now) return 'the approval has run out';
  if (isSamePerson(approval.requestedBy, approval.approvedBy)) return 'one person asked and approved';
  return undefined;
}

/**
 * Whether two principals are one person, as far as their names can tell: the same ARN, or the same user or session name
 * in whatever role. Who has two roles is still one person; who shares a name with somebody takes another session name.
 */
export const isSamePerson = (one: string, other: string): boolean =>
  one === other || nameIn(one).toLowerCase() === nameIn(other).toLowerCase();

const nameIn = (principal: string): string => principal.slice(principal.lastIndexOf('/') + 1);
