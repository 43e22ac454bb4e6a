/** Pages by a signed request, as Standard Webhooks 1.0 has it: id, timestamp and signature are headers. */
import type { Page } from '../../domain/availability/paging/page';
import type { Pager } from '../../domain/availability/ports';
import type { Clock } from '../../domain/ports';
import { signaturesOf } from '../destinations/webhook-signatures';
import { notSent } from './not-sent';
import { payloadOf } from './payload';
import { post } from './post';

/**
 * Any 2xx is taken, as that standard has it, unless markup is the answer, however it begins: a login or an error that somebody
 * put in front. The secret is `whsec_` and base64.
 */
export const webhookPager = (clock: Clock, timeoutMs?: number): Pager => ({
  async page(page, { target, secret = '' }) {
    const body = JSON.stringify(payloadOf(page));
    const { text } = await post(page, target, body, signatureHeaders(page, body, secret, clock.now()), timeoutMs);
    if (/^\s*</.test(text)) throw notSent(page, 'it answered with a page of the web');
  },
});

/** The id is the same for every attempt; the timestamp, in seconds, is that of this one. */
export function signatureHeaders({ messageId }: Page, body: string, secret: string, now: string) {
  const timestamp = String(Math.floor(Date.parse(now) / 1000));
  const signature = signaturesOf([secret], messageId, timestamp, Buffer.from(body));
  return { 'webhook-id': messageId, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}
