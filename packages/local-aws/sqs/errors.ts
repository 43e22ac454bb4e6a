import { AwsError } from '../call';

/**
 * SQS's errors by the name the JSON protocol uses, with the code of the older Query protocol and the HTTP status.
 * Source: `awsQueryError` and `httpError` traits in @aws-sdk/client-sqs 3.1169.0; those without a trait (the last
 * block, coral's own) as recorded from AWS by localstack's SQS tests.
 */
const ERRORS = {
  BatchEntryIdsNotDistinct: ['AWS.SimpleQueueService.BatchEntryIdsNotDistinct', 400],
  BatchRequestTooLong: ['AWS.SimpleQueueService.BatchRequestTooLong', 400],
  EmptyBatchRequest: ['AWS.SimpleQueueService.EmptyBatchRequest', 400],
  InvalidAddress: ['InvalidAddress', 404],
  InvalidAttributeName: ['InvalidAttributeName', 400],
  InvalidAttributeValue: ['InvalidAttributeValue', 400],
  InvalidBatchEntryId: ['AWS.SimpleQueueService.InvalidBatchEntryId', 400],
  InvalidMessageContents: ['InvalidMessageContents', 400],
  OverLimit: ['OverLimit', 403],
  PurgeQueueInProgress: ['AWS.SimpleQueueService.PurgeQueueInProgress', 403],
  QueueDeletedRecently: ['AWS.SimpleQueueService.QueueDeletedRecently', 400],
  QueueDoesNotExist: ['AWS.SimpleQueueService.NonExistentQueue', 400],
  QueueNameExists: ['QueueAlreadyExists', 400],
  ReceiptHandleIsInvalid: ['ReceiptHandleIsInvalid', 404],
  ResourceNotFoundException: ['ResourceNotFoundException', 404],
  TooManyEntriesInBatchRequest: ['AWS.SimpleQueueService.TooManyEntriesInBatchRequest', 400],
  UnsupportedOperation: ['AWS.SimpleQueueService.UnsupportedOperation', 400],
  InvalidAction: ['InvalidAction', 400],
  InvalidParameterValueException: ['InvalidParameterValue', 400],
  MissingRequiredParameterException: ['MissingParameter', 400],
  SerializationException: ['MalformedInput', 400],
} as const satisfies Record<string, readonly [queryCode: string, status: number]>;

export function sqsError(code: keyof typeof ERRORS, message: string): AwsError {
  const [queryCode, status] = ERRORS[code];
  return new AwsError(code, message, { status, queryCode });
}

export function invalidValue(value: string | number, parameter: string, reason: string): AwsError {
  const message = `Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`;
  return sqsError('InvalidParameterValueException', message);
}

export function missing(parameter: string): AwsError {
  return sqsError('MissingRequiredParameterException', `The request must contain the parameter ${parameter}.`);
}

export function unknownAttribute(name: string): AwsError {
  return sqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
}
