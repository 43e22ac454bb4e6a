/** What an application tells of a KMS key that failed it. Whoever may report can write it: a hint, and nothing more. */
import type { ErrorCode } from '../errors';

/** The answers that say that nobody can use the key, or that we cannot. */
export const KEY_FAILURES = [
  'kms.access-denied',
  'kms.key-not-found',
  'kms.key-disabled',
  'kms.key-pending-deletion',
  'kms.key-pending-import',
  'kms.key-unavailable',
  'kms.key-store-unavailable',
  'sts.role-refused',
] as const satisfies readonly ErrorCode[];
export type KeyFailure = (typeof KEY_FAILURES)[number];

/** Whether an error says that a key cannot be used. */
export const isKeyFailure = (code: ErrorCode): code is KeyFailure =>
  (KEY_FAILURES as readonly ErrorCode[]).includes(code);

/** What an application tells of a key that failed it, or is believed to be lost, and serves it. */
export const WORKS_AGAIN = 'works-again';
export type KeyReport = KeyFailure | typeof WORKS_AGAIN;

export interface KeyFailures {
  /**
   * Tells that a key failed, and how, or that it does no more. Safe to repeat: of several reports of a key the last one is kept.
   *
   * @throws KeywrightError `store.unreachable` (retry), `store.refused`.
   */
  report(kmsKeyArn: string, report: KeyReport): Promise<void>;
}
