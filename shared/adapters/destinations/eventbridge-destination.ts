/** Entries as events of a bus, of ours or of the customer’s account: its policy lets us in. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Delivery, Destination } from '../../domain/subscriptions/ports';
import { refusedBy, refusedWith } from './aws-refusal';

/** Not the source of facts: no rule of ours receives an entry. */
export const ENTRY_SOURCE = 'keywright.audit';
export const ENTRY_DETAIL_TYPE = 'entry.v1';

/** An entry of a request has at most 256 KB, a request ten and 1 MB. Source: EventBridge guide, "PutEvents"; the rest of an entry counts. */
const BODY_BYTES_MAX = 255_000;
const REQUEST_BYTES_MAX = 900_000;
const BATCH_MAX = 10;

/**
 * A bus has no order: an event that is refused is sent again with those behind it. An answer without the id of an event took none; a
 * bus that does not exist answers as if it took all of them.
 *
 * @param clientOf The client for a region.
 */
export function eventBridgeDestination(clientOf: (region: string) => Pick<EventBridgeClient, 'send'>): Destination {
  return {
    limits: { deliveries: BATCH_MAX, bytes: REQUEST_BYTES_MAX, bodyBytes: BODY_BYTES_MAX },
    async deliver(deliveries, { target }) {
      const Entries = deliveries.map((delivery) => entryOf(delivery, target));
      try {
        const { Entries: results = [] } = await clientOf(target.split(':')[3] ?? '').send(
          new PutEventsCommand({ Entries }),
        );
        const first = deliveries.findIndex((_, at) => !results[at]?.EventId);
        if (first < 0) return { taken: deliveries.length };
        return {
          taken: first,
          refusal: refusedBy('EventBridge', results[first]?.ErrorCode ?? 'without the id of an event'),
        };
      } catch (error) {
        return { taken: 0, refusal: refusedWith('EventBridge', error) };
      }
    },
  };
}

const entryOf = ({ id, at, body }: Delivery, EventBusName: string) => ({
  EventBusName,
  Source: ENTRY_SOURCE,
  DetailType: ENTRY_DETAIL_TYPE,
  Time: new Date(at),
  Resources: [id],
  Detail: Buffer.from(body).toString('utf8'),
});
