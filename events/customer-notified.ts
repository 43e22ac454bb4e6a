import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, party, text, wholeNumber } from './fields';

/**
 * A customer is told of an incident that concerns data of theirs, or that it is over: by this entry in their stream, and by their
 * channels if they have any.
 *
 * Published by: functions/tell-customers. Read by: customers.
 * Delivery: at least once, unordered. Deduplicate on incidentId and about.
 */
export const customerNotified = defineEvent('customer-notified', 1, {
  incidentId: text,
  customerId: text,
  /** The key, where it is theirs alone: one that others use as well is not named. */
  kmsKeyArn: z.optional(kmsKeyArn),
  about: z.enum(['opened', 'closed']),
  cause: text,
  party: z.optional(party),
  /** How many data stores of theirs depend on the key. */
  dataStoreCount: wholeNumber,
  /** The first of them. */
  dataStores: z.array(text),
});
export type CustomerNotified = DetailOf<typeof customerNotified>;
