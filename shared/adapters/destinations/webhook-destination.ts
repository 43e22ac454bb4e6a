/** Entries by signed requests, one each, as Standard Webhooks 1.0 has it. */
import type { Clock } from '../../domain/ports';
import type { Delivery, DeliveryAddress, Destination, Refusal } from '../../domain/subscriptions/ports';
import type { GuardedWeb } from '../web/guarded-post';
import { notReached, refusalOf, TIMEOUT_MS } from './web-refusal';
import { signaturesOf } from './webhook-signatures';

/** One entry is some 1.5 KB and never more than 64; its format adds to it. */
const BODY_BYTES_MAX = 512 * 1024;

/** Any 2xx is taken, unless markup is the answer: a login or an error that somebody put in front. @param web Sends within the guard. */
export function webhookDestination(web: GuardedWeb, clock: Clock, timeoutMs = TIMEOUT_MS): Destination {
  const send = async (delivery: Delivery, to: DeliveryAddress): Promise<Refusal | undefined> => {
    const { contentType, body } = delivery;
    const headers = { 'content-type': contentType, ...signatureHeaders(delivery, to, clock.now()) };
    const answer = await web.post({ url: to.target, body, headers, timeoutMs }).catch(notReached);
    if ('kind' in answer) return answer;
    const refusal = refusalOf(answer, Date.parse(clock.now()));
    const isMarkup = /^\s*</.test(answer.text);
    return refusal ?? (isMarkup ? { kind: 'later', reason: 'it answered with a page of the web' } : undefined);
  };

  return {
    limits: { deliveries: 1, bytes: BODY_BYTES_MAX, bodyBytes: BODY_BYTES_MAX },
    async deliver(deliveries, to) {
      for (const [taken, delivery] of deliveries.entries()) {
        const refusal = await send(delivery, to);
        if (refusal) return { taken, refusal };
      }
      return { taken: deliveries.length };
    },
  };
}

/** The id is the same for every attempt; the timestamp, in seconds, is that of this one. */
function signatureHeaders({ id, body }: Delivery, { secrets }: DeliveryAddress, now: string) {
  const timestamp = String(Math.floor(Date.parse(now) / 1_000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signaturesOf(secrets, id, timestamp, body),
  };
}
