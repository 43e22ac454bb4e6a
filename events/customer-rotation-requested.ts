import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text, wholeNumber } from './fields';

/**
 * A customer is asked to rotate the KMS key in their account: once when it is due, and again at intervals until they
 * have done it or were asked for the last time.
 *
 * Published by: functions/rotate-key. Read by: functions/record-key-events, people.
 * Delivery: at least once, unordered. Deduplicate on rotationId and times.
 */
export const customerRotationRequested = defineEvent('customer-rotation-requested', 1, {
  rotationId: text,
  kmsKeyArn,
  customerId: text,
  /** How often they were asked, this time included. */
  times: wholeNumber,
  /** How often they are asked at most. */
  timesMax: wholeNumber,
});
export type CustomerRotationRequested = DetailOf<typeof customerRotationRequested>;
