/** What can go wrong for an application, in words that it can act on. */
import type { ErrorCode } from '../../shared/domain/errors';

export type EnvelopeErrorCode =
  /**
   * The data key cannot be had: `reason` says why, `retryable` whether it may pass. Nothing was protected or read. Where the
   * KMS key was confirmed to be lost, `since` says since when, and `cause` is its cause from the closed list.
   */
  | 'KEY_UNAVAILABLE'
  /** The data names a data key that this customer and data store do not have: it was moved, or it is somebody else's. */
  | 'UNKNOWN_DATA_KEY'
  /** The data, or the customer and data store it was protected for, is not what it was. */
  | 'TAMPERED'
  /** The bytes are not protected data of ours. */
  | 'NOT_PROTECTED_DATA'
  /** The data store is not registered: register it before it is used. */
  | 'UNKNOWN_DATA_STORE'
  /** The caller's arguments make no sense; the message names which. */
  | 'INVALID_ARGUMENT';

export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
  readonly code: EnvelopeErrorCode;
  /** Whether the same call may succeed later by itself. */
  readonly retryable: boolean;
  /** For `KEY_UNAVAILABLE`: what KMS, or a table, said. */
  readonly reason?: ErrorCode;
  /** For `KEY_UNAVAILABLE` of a KMS key that was confirmed to be lost: an instant, UTC with milliseconds. */
  readonly since?: string;

  constructor(
    code: EnvelopeErrorCode,
    message: string,
    options: {
      readonly retryable?: boolean;
      readonly reason?: ErrorCode;
      readonly since?: string;
      /** The error beneath, or the cause of a confirmed loss: `key-disabled`. */
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    if (options.reason) this.reason = options.reason;
    if (options.since !== undefined) this.since = options.since;
  }
}
