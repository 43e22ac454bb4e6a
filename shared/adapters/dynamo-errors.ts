/** What an answer of DynamoDB means to us: one table for every store. */
import { type ErrorCode, type ErrorDetails, KeywrightError } from '../domain/errors';

const BY_NAME: Readonly<Record<string, ErrorCode>> = {
  ConditionalCheckFailedException: 'state.changed-meanwhile',
  TransactionConflictException: 'state.changed-meanwhile',
  ValidationException: 'store.refused',
  ResourceNotFoundException: 'store.refused',
  AccessDeniedException: 'store.refused',
  ItemCollectionSizeLimitExceededException: 'store.refused',
};

/** By the code of one cancelled action. Source: DynamoDB API reference, TransactWriteItems, CancellationReasons. */
const BY_CANCELLATION: Readonly<Record<string, ErrorCode>> = {
  ConditionalCheckFailed: 'state.changed-meanwhile',
  DuplicateItem: 'state.changed-meanwhile',
  TransactionConflict: 'state.changed-meanwhile',
  ValidationError: 'store.refused',
  ItemCollectionSizeLimitExceeded: 'store.refused',
};

const MEANING: Partial<Record<ErrorCode, string>> = {
  'state.changed-meanwhile': 'The row was changed since it was read. Read it again and decide anew.',
  'store.refused': 'DynamoDB refused the request; repeating it will not help.',
  'store.unreachable': 'DynamoDB did not answer or is throttling. Whether a write took place is not known: read again.',
};

/** Everything that is not named above (throttling, 5xx, no answer) may pass, and leaves open whether it took effect. */
export function storeError(error: unknown, details: ErrorDetails): KeywrightError {
  const code = codeOf(error);
  const name = error instanceof Error ? error.name : 'unknown';
  return new KeywrightError(code, MEANING[code] ?? name, { ...details, awsError: name }, { cause: error });
}

/**
 * Asks DynamoDB.
 *
 * @param details What the request is about, for the error.
 * @throws KeywrightError what its refusal means: see `storeError`.
 */
export async function askDynamo<Answer>(details: ErrorDetails, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof KeywrightError ? error : storeError(error, details);
  }
}

function codeOf(error: unknown): ErrorCode {
  const reasons = cancellationCodesOf(error).map((code) => BY_CANCELLATION[code]);
  // A lost race outweighs the rest: reading again settles it whatever else was wrong.
  const decisive = reasons.find((code) => code === 'state.changed-meanwhile') ?? reasons.find(Boolean);
  if (decisive !== undefined) return decisive;
  return (error instanceof Error && BY_NAME[error.name]) || 'store.unreachable';
}

function cancellationCodesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error) || error.name !== 'TransactionCanceledException') return [];
  const { CancellationReasons: reasons } = error as { CancellationReasons?: readonly { readonly Code?: string }[] };
  return (reasons ?? []).flatMap((reason) => reason.Code ?? []);
}
