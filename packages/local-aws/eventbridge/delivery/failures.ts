/**
 * What EventBridge makes of a target's refusal: an error code for the dead-letter queue, and whether to try again.
 *
 * Source of the codes: EventBridge User Guide, "Using dead-letter queues" (ERROR_CODE). Which of a target's errors leads
 * to which code is not documented beyond: missing permission and missing target are not retried.
 */
import type { AwsError } from '../../call';
import { own } from '../../own-property';

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly mayPassOnRetry: boolean;
}

/** Errors that no retry can heal, by the code of the target's service or of EventBridge itself. */
const FINAL: Readonly<Record<string, string>> = {
  AccessDenied: 'NO_PERMISSIONS',
  AccessDeniedException: 'NO_PERMISSIONS',
  QueueDoesNotExist: 'NO_RESOURCE',
  'AWS.SimpleQueueService.NonExistentQueue': 'NO_RESOURCE',
  ResourceNotFoundException: 'NO_RESOURCE',
  InvalidParameterValue: 'INVALID_PARAMETER',
  InvalidParameterValueException: 'INVALID_PARAMETER',
  MissingParameter: 'INVALID_PARAMETER',
  MissingRequiredParameterException: 'INVALID_PARAMETER',
  InvalidMessageContents: 'INVALID_PARAMETER',
  INVALID_JSON: 'INVALID_JSON',
  FAILED_TO_ASSUME_ROLE: 'FAILED_TO_ASSUME_ROLE',
  THIRD_ACCOUNT_HOP_DETECTED: 'THIRD_ACCOUNT_HOP_DETECTED',
  THIRD_REGION_HOP_DETECTED: 'THIRD_REGION_HOP_DETECTED',
};

const THROTTLING: readonly string[] = ['ThrottlingException', 'TooManyRequestsException', 'RequestThrottled'];

export function failureOf({ code, message }: AwsError): Failure {
  const final = own(FINAL, code);
  if (final !== undefined) return { code: final, message, mayPassOnRetry: false };
  return { code: THROTTLING.includes(code) ? 'THROTTLING' : 'ERROR_FROM_TARGET', message, mayPassOnRetry: true };
}
