/** An account whose events were left out: what it sends may be what we should hear. */

/** One row an account. */
export interface IgnoredSender {
  readonly accountId: string;
  /** Since when: a day without any ends it. */
  readonly since: string;
  readonly lastAt: string;
  /** Why the last of them was left out. */
  readonly reason: string;
  /** When it is of no interest any more; absent once it is not. */
  readonly dueAt?: string;
  readonly revision: number;
}
