import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { text } from './fields';

/**
 * Somebody let a principal read a customer’s audit log by its address, or took that away.
 *
 * Published by: functions/api. Read by: people, the customer's audit stream.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const auditReaderChanged = defineEvent('audit-reader-changed', 1, {
  customerId: text,
  /** The ARN of an IAM role or user. */
  principal: text,
  /** What became of it. */
  change: z.enum(['added', 'removed']),
  /** The principal that AWS names to the function URL. */
  changedBy: text,
});
export type AuditReaderChanged = DetailOf<typeof auditReaderChanged>;
