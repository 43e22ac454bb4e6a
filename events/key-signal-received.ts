import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, text } from './fields';

/**
 * A hint that the availability of a KMS key changed. Never a reason to act without confirming.
 *
 * Published by: functions/probe-keys, functions/record-key-events, functions/receive-reports. Read by: functions/assess-key.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const keySignalReceived = defineEvent('key-signal-received', 1, {
  kmsKeyArn,
  signal: z.enum(['own-failure', 'own-success', 'customer-event', 'probe', 'native-event']),
  observed: text,
  signalledAt: instant,
});
export type KeySignalReceived = DetailOf<typeof keySignalReceived>;
