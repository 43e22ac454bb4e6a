/** Entries to an HTTP Event Collector of Splunk. Source: Splunk, "Format events for HTTP Event Collector", "HTTP Event Collector REST API". */
import type { Clock } from '../../domain/ports';
import type { Delivery, Destination, Taken } from '../../domain/subscriptions/ports';
import type { GuardedWeb } from '../web/guarded-post';
import { notReached, refusalOf, TIMEOUT_MS } from './web-refusal';

/** `max_content_length` is 800 KB at the least by default; an event is cut by what reads it, not refused. */
const LIMITS = { deliveries: 100, bytes: 700_000, bodyBytes: 600_000 };

const SOURCETYPE = 'keywright:audit';

/** Taken is what the collector answers with `"code":0`: any other 200 is somebody else’s. The secret is its token. */
export const splunkDestination = (web: GuardedWeb, clock: Clock, timeoutMs = TIMEOUT_MS): Destination => ({
  limits: LIMITS,
  async deliver(deliveries, { target, secrets }): Promise<Taken> {
    const headers = { 'content-type': 'application/json', authorization: `Splunk ${secrets[0]}` };
    const body = Buffer.concat(deliveries.map(eventOf));
    const answer = await web.post({ url: target, body, headers, timeoutMs }).catch(notReached);
    if ('kind' in answer) return { taken: 0, refusal: answer };
    const refusal = refusalOf(answer, Date.parse(clock.now()));
    if (refusal) return { taken: 0, refusal };
    return isSuccess(answer.text)
      ? { taken: deliveries.length }
      : { taken: 0, refusal: { kind: 'later', reason: 'it answered without success' } };
  },
});

/** The entry stands in it as it is. */
function eventOf({ id, at, body }: Delivery): Uint8Array {
  const head = JSON.stringify({
    time: Date.parse(at) / 1_000,
    source: 'keywright',
    sourcetype: SOURCETYPE,
    fields: { delivery_id: id },
  });
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"event":`), body, Buffer.from('}')]);
}

function isSuccess(text: string): boolean {
  try {
    return JSON.parse(text)?.code === 0;
  } catch {
    return false;
  }
}
