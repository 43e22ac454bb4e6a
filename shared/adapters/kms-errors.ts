/** What an answer of KMS means to us: one table for every adapter. */
import { type ErrorCode, type ErrorDetails, KeywrightError } from '../domain/errors';
import { defined } from '../domain/optional-fields';
import { refusalOf } from './refusal-text';

/**
 * By the error's name. Sources: `models/errors.d.ts` of @aws-sdk/client-kms; names without a class there
 * (ThrottlingException, AccessDeniedException and others) from the common errors of the KMS API reference.
 */
const BY_NAME: Readonly<Record<string, ErrorCode>> = {
  AccessDeniedException: 'kms.access-denied',
  AccessDenied: 'kms.access-denied',
  NotFoundException: 'kms.key-not-found',
  DisabledException: 'kms.key-disabled',
  InvalidCiphertextException: 'kms.ciphertext-refused',
  IncorrectKeyException: 'kms.wrong-key',
  InvalidKeyUsageException: 'kms.unsupported',
  UnsupportedOperationException: 'kms.unsupported',
  InvalidArnException: 'input.invalid',
  ValidationException: 'input.invalid',
  MalformedPolicyDocumentException: 'input.invalid',
  AlreadyExistsException: 'state.forbids',
  LimitExceededException: 'kms.limit-exceeded',
  ConflictException: 'kms.conflict',
  ThrottlingException: 'kms.throttled',
  Throttling: 'kms.throttled',
  TooManyRequestsException: 'kms.throttled',
  RequestLimitExceeded: 'kms.throttled',
  // "You can retry the request": not the key state `Unavailable`, which comes as KMSInvalidStateException.
  KeyUnavailableException: 'kms.unreachable',
  CustomKeyStoreInvalidStateException: 'kms.key-store-unavailable',
  CustomKeyStoreNotFoundException: 'kms.key-store-unavailable',
  CloudHsmClusterNotActiveException: 'kms.key-store-unavailable',
  XksKeyNotFoundException: 'kms.key-store-unavailable',
};

/**
 * KMSInvalidStateException, and DisabledException for a key that awaits deletion, tell what is wrong in their text
 * alone. The first line that fits decides. Source: KMS developer guide, "Key states of KMS keys", footnotes.
 */
const BY_TEXT: readonly (readonly [RegExp, ErrorCode])[] = [
  [/is not pending deletion/i, 'state.forbids'],
  [/pending (replica )?deletion/i, 'kms.key-pending-deletion'],
  [/pending import/i, 'kms.key-pending-import'],
  [/pending rotation/i, 'kms.unsupported'],
  [/is disabled/i, 'kms.key-disabled'],
  [/is (creating|updating)/i, 'kms.conflict'],
  [/is unavailable/i, 'kms.key-unavailable'],
];

const CODED_BY_TEXT: ReadonlySet<string> = new Set(['DisabledException', 'KMSInvalidStateException']);

/**
 * The error of a KMS call. Its message carries AWS's own text, which names keys, callers and policies and never
 * plaintext or ciphertext.
 *
 * An error that is not known (5xx, no answer, credentials that expired) may pass: nobody's key is called unusable for it.
 */
export function kmsError(error: unknown, operation: string, details: ErrorDetails): KeywrightError {
  if (error instanceof KeywrightError) return error;
  const { name, message } = error instanceof Error ? error : { name: 'unknown', message: String(error) };
  const text = `KMS ${operation}: ${name}${message ? `: ${message}` : ''}`;
  const code = codeOf(name, message);
  const context = {
    ...details,
    operation,
    awsError: name,
    ...(code === 'kms.access-denied' && { ...refusalOf(message), ...defined({ action: refusedAction(message) }) }),
    ...(code === 'kms.unreachable' && isOfNetwork(error) && { isNetwork: true }),
    ...(code === 'kms.key-not-found' && WRONG_PLACE.test(message) && { isWrongPlace: true }),
  };
  return new KeywrightError(code, text, context, { cause: error });
}

/** "is not authorized to perform: kms:ReEncryptFrom on". Source: IAM user guide, as in refusal-text.ts. */
const refusedAction = (message: string): string | undefined => /to perform: (kms:\w+)/.exec(message)?.[1];

/** "Invalid arn us-west-2": the name is of another region. Source: answers of KMS that were recorded. */
const WRONG_PLACE = /^Invalid (arn|keyId)\b/i;

/**
 * Whether no answer came at all: an answer has a status. Source: codes of Node's net and dns modules; errors of @smithy's
 * request handler; `$metadata` of the SDK's service exceptions.
 */
function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { readonly code?: unknown };
  return error.name === 'TimeoutError' || NETWORK_CODES.has(String(code));
}

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

function codeOf(name: string, message: string): ErrorCode {
  const coded = CODED_BY_TEXT.has(name) ? BY_TEXT.find(([pattern]) => pattern.test(message))?.[1] : undefined;
  if (coded) return coded;
  // What else KMS refuses for a key's state has to do with its custom key store: the documented catch-all.
  if (name === 'KMSInvalidStateException') return 'kms.key-store-unavailable';
  if (/^Xks/.test(name)) return 'kms.key-store-unavailable';
  return BY_NAME[name] ?? 'kms.unreachable';
}

/** Asks KMS, and answers in our words when it refuses. */
export async function askKms<Answer>(operation: string, details: ErrorDetails, ask: () => Promise<Answer>) {
  try {
    return await ask();
  } catch (error) {
    throw kmsError(error, operation, details);
  }
}
