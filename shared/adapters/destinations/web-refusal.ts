/** What an endpoint of the web did with a delivery, from its answer. */
import type { Refusal } from '../../domain/subscriptions/ports';
import { type WebAnswer, WebFault } from '../web/guarded-post';

/** Source: Standard Webhooks 1.0: it is to answer within 15 to 30 seconds. */
export const TIMEOUT_MS = 15_000;

/** What an HTTP status says of what was sent, not of who was asked. Source: RFC 9110, 15.5. */
const REFUSED: ReadonlySet<number> = new Set([400, 422]);
const [GONE, TOO_LARGE] = [410, 413];

/** @returns undefined for any 2xx. @param nowMs Epoch milliseconds, against which a date in `Retry-After` is held. */
export function refusalOf({ status, retryAfter }: WebAnswer, nowMs: number): Refusal | undefined {
  if (status >= 200 && status <= 299) return undefined;
  const reason = `it answered ${status}`;
  if (status === GONE) return { kind: 'gone', reason };
  if (status === TOO_LARGE) return { kind: 'unacceptable', reason };
  if (REFUSED.has(status)) return { kind: 'refused', reason };
  const retryAfterMs = retryAfter === undefined ? undefined : waitOf(retryAfter, nowMs);
  return { kind: 'later', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Seconds, or a date. What is neither asks for nothing. */
function waitOf(retryAfter: string, nowMs: number): number | undefined {
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** @throws what is no fault of the way there: a bug of ours. */
export function notReached(error: unknown): Refusal {
  if (error instanceof WebFault) return { kind: 'later', reason: error.message };
  throw error;
}
