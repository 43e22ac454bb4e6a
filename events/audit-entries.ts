import * as z from 'zod/mini';
import { readWith } from './define-event';
import { text } from './fields';

/**
 * Entries on their way into one customer's audit stream: a message of the FIFO queue whose group is the customer.
 * No fact, since nobody but the stream's writer may read it.
 *
 * Sent by: functions/record-key-events. Read by: functions/append-audit.
 * Delivery: at least once, in order within the customer. Deduplicate on each entry's dedupeKeys.
 */
const schema = z.object({
  customerId: text,
  entries: z.array(
    z.object({
      /** What the entry tells of, by every name it has: shared/domain/audit/dedupe-names.ts makes them. */
      dedupeKeys: z.array(text).check(z.minLength(1, 'must name what the entry tells of'), z.maxLength(4)),
      /** The entry is left out where the stream holds one of these names. */
      supersededBy: z.optional(z.array(text).check(z.maxLength(4))),
      /** It has its place at once, and is signed with the next entry that is not: writing the stream caused it. */
      deferred: z.optional(z.boolean()),
      /** The entry as it will lie in the stream: one JSON object. */
      json: text,
    }),
  ),
});
export type AuditEntries = Readonly<z.output<typeof schema>>;

/** @throws ContractViolation naming the field at fault. */
export function readAuditEntries(message: unknown): AuditEntries {
  return readWith(schema, 'message', message);
}
