/** What re-encryption needs to keep out of the way of live calls. */
import type { QuotaUse } from './kms-quota';

/** Keeps re-encryption to what live calls leave over of the KMS request quota. */
export interface RateLimiter {
  /**
   * Sends a request when its turn has come, and learns from how it went. What KMS refused because of the quota or did not
   * answer is sent again, a few times, each when its turn has come. Throws what the request throws.
   *
   * @throws KeywrightError `quota.none-left` (retry, later): so little is left that waiting for a turn is no use;
   *   `store.unreachable`, `state.changed-meanwhile` (retry).
   */
  run<Answer>(use: QuotaUse, request: () => Promise<Answer>): Promise<Answer>;
}

/** Requests that applications sent to KMS and that counted against one quota, as they report them. Since ever: it only grows. */
export interface LiveCount {
  readonly calls: number;
  /** Those that KMS refused because of the quota. */
  readonly throttled: number;
  /** What all answers took together. */
  readonly latencyMs: number;
  readonly reportedAtMs: number;
}

/** What applications ask of KMS besides us. */
export interface LiveTraffic {
  /** Undefined when nobody reported lately, or something that makes no sense. */
  count(quotaId: string): Promise<LiveCount | undefined>;
  /** Adds what one process sent since its last report. Not safe to repeat: a repeat counts again. */
  report(quotaId: string, more: Omit<LiveCount, 'reportedAtMs'>): Promise<void>;
}
