/**
 * Every error that the domain and its adapters raise on purpose, by a stable code.
 *
 * `retry` says whether the same work may succeed later without anybody changing anything. What is not in this
 * catalogue is a bug: it is thrown on, retried by the trigger and alarmed.
 */
const CATALOGUE = {
  'state.changed-meanwhile': { retry: true },
  'state.not-found': { retry: false },
  'state.forbids': { retry: false },
  'state.key-lost': { retry: true },

  'kms.throttled': { retry: true },
  'kms.unreachable': { retry: true },
  'kms.conflict': { retry: true },
  'kms.access-denied': { retry: false },
  'kms.key-not-found': { retry: false },
  'kms.key-disabled': { retry: false },
  'kms.key-pending-deletion': { retry: false },
  'kms.key-pending-import': { retry: false },
  'kms.key-unavailable': { retry: false },
  'kms.key-store-unavailable': { retry: false },
  'kms.wrong-key': { retry: false },
  'kms.ciphertext-refused': { retry: false },
  'kms.limit-exceeded': { retry: false },
  'kms.unsupported': { retry: false },

  'quota.none-left': { retry: true },

  'sts.role-refused': { retry: false },
  'sts.unreachable': { retry: true },

  'iam.refused': { retry: false },
  'iam.unreachable': { retry: true },

  'identity.stale': { retry: false },
  'identity.refused': { retry: false },

  'store.unreachable': { retry: true },
  'store.index-behind': { retry: true },
  'store.refused': { retry: false },
  'store.row-misplaced': { retry: false },
  'store.row-refused': { retry: false },
  'events.not-published': { retry: true },
  'queue.not-sent': { retry: true },
  'page.not-sent': { retry: true },
  'secret.not-opened': { retry: true },
  'audit.not-written': { retry: true },
  'audit.contradicted': { retry: false },

  'trail.unreadable': { retry: true },

  'input.invalid': { retry: false },
} as const satisfies Record<string, { readonly retry: boolean }>;

export type ErrorCode = keyof typeof CATALOGUE;

/** Identifiers, limits and counts that tell what happened. Never key material, plaintext or tokens. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export class KeywrightError extends Error {
  override readonly name = 'KeywrightError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** Whether the same work may succeed later by itself. */
  readonly retry: boolean;

  /** @param message What went wrong and the way out, in a sentence for a person. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.details = details;
    this.retry = CATALOGUE[code].retry;
  }
}

/** Whether an error is one of ours with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is KeywrightError {
  return error instanceof KeywrightError && codes.includes(error.code);
}

/** Refuses what somebody asked for: the message begins with the field at fault, and says the way out. */
export const refusal = (
  code: 'input.invalid' | 'state.not-found' | 'state.forbids',
  field: string,
  problem: string,
): KeywrightError => new KeywrightError(code, `${field}: ${problem}`, { field });

/** Refuses what somebody gave: the field, and what is wrong with it. */
export const invalid = (field: string, problem: string): KeywrightError => refusal('input.invalid', field, problem);

/** So many of them are named. */
const NAMED_MAX = 10;

/**
 * What to tell of rows among what is due that are no such rows: copied or written by somebody, never worked, and said in every
 * run. Nothing where there are none.
 *
 * @param keys The keys that they are kept under.
 */
export function misplacedRows(keys: readonly string[]): readonly KeywrightError[] {
  if (keys.length === 0) return [];
  const message =
    'Among what is due are rows that are not what they are kept as, and are not worked. Find out who wrote them, and remove their attribute `due`.';
  return [new KeywrightError('store.row-misplaced', message, { count: keys.length, rows: keys.slice(0, NAMED_MAX) })];
}
