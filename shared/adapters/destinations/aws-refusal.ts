/** What a service of AWS did with a delivery, from its error. */
import type { Refusal } from '../../domain/subscriptions/ports';

/** What was sent can never be taken. Source: API references of SQS, SNS, EventBridge and S3. */
const UNACCEPTABLE: ReadonlySet<string> = new Set([
  'InvalidMessageContents',
  'MessageTooLong',
  'BatchRequestTooLong',
  'InvalidParameterValue',
  'EntityTooLarge',
  'MalformedDetail',
]);

/** A name that AWS gives an error tells what happened; its text may repeat what was sent. */
export const refusedBy = (service: string, name: string): Refusal => ({
  kind: UNACCEPTABLE.has(name) ? 'unacceptable' : 'later',
  reason: `${service} answered ${name}`,
});

/** An error of a client of the SDK. */
export const refusedWith = (service: string, error: unknown): Refusal =>
  refusedBy(service, error instanceof Error ? error.name : 'an error');
