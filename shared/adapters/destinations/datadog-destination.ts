/** Entries to the log intake of Datadog. Source: Datadog API reference, "Send logs": 1,000 logs and 5 MB a request, 1 MB a log; 202. */
import type { Clock } from '../../domain/ports';
import type { Delivery, Destination, Taken } from '../../domain/subscriptions/ports';
import type { GuardedWeb } from '../web/guarded-post';
import { notReached, refusalOf, TIMEOUT_MS } from './web-refusal';

const LIMITS = { deliveries: 500, bytes: 2_000_000, bodyBytes: 450_000 };
const ACCEPTED = 202;

/** Any other 2xx than 202 is somebody else’s. The secret is an API key. */
export const datadogDestination = (web: GuardedWeb, clock: Clock, timeoutMs = TIMEOUT_MS): Destination => ({
  limits: LIMITS,
  async deliver(deliveries, { customerId, target, secrets }): Promise<Taken> {
    const headers = { 'content-type': 'application/json', 'dd-api-key': secrets[0] ?? '' };
    const body = JSON.stringify(deliveries.map((delivery) => logOf(delivery, customerId)));
    const answer = await web.post({ url: target, body, headers, timeoutMs }).catch(notReached);
    if ('kind' in answer) return { taken: 0, refusal: answer };
    const refusal = refusalOf(answer, Date.parse(clock.now()));
    if (refusal) return { taken: 0, refusal };
    return answer.status === ACCEPTED
      ? { taken: deliveries.length }
      : { taken: 0, refusal: { kind: 'later', reason: `it answered ${answer.status}, not ${ACCEPTED}` } };
  },
});

/** `message` is the entry as text: Datadog reads JSON in it, and what it keeps is what was sent. */
const logOf = ({ id, body }: Delivery, customerId: string) => ({
  ddsource: 'keywright',
  service: 'keywright-audit',
  ddtags: `delivery_id:${id}`,
  hostname: customerId,
  message: Buffer.from(body).toString('utf8'),
});
