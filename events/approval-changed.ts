import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, text } from './fields';

/**
 * A person asked for a step of a retirement that takes two people, or a second person approved it.
 *
 * Published by: functions/api, functions/approve-retirement. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const approvalChanged = defineEvent('approval-changed', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  /** What takes the word of two people. */
  step: z.enum(['disable', 'schedule-deletion']),
  to: z.enum(['requested', 'approved']),
  /** The certificate that it is bound to. */
  certificateHash: text,
  /** Who asked for it: a principal that proved who they are, as AWS tells. */
  requestedBy: text,
  /** The second person, proven likewise; absent while it is only requested. */
  approvedBy: z.optional(text),
  /** Why, in the words of who asked. */
  reason: text,
  /** Until when it may be approved and carried out. */
  expiresAt: instant,
});
export type ApprovalChanged = DetailOf<typeof approvalChanged>;
