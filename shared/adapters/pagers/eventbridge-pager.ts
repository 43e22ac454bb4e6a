/** Pages through an EventBridge bus: rules there send them on. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Pager } from '../../domain/availability/ports';
import { nameOf, notSent } from './not-sent';
import { payloadOf } from './payload';
import { regionOf } from './sns-pager';

/** Not the source of facts: a page on a bus is no fact of ours, and no rule of ours receives it. */
export const PAGE_SOURCE = 'keywright.pages';
export const PAGE_DETAIL_TYPE = 'page.v1';

/**
 * An entry that is refused comes with 200 and has no id of an event: it was not taken.
 *
 * @param clientOf The client for a region.
 */
export function eventBridgePager(clientOf: (region: string) => Pick<EventBridgeClient, 'send'>): Pager {
  return {
    async page(page, { target }) {
      const entry = {
        EventBusName: target,
        Source: PAGE_SOURCE,
        DetailType: PAGE_DETAIL_TYPE,
        Time: new Date(page.at),
        Detail: JSON.stringify(payloadOf(page)),
      };
      const answer = await clientOf(regionOf(target))
        .send(new PutEventsCommand({ Entries: [entry] }))
        .catch((error) => {
          throw notSent(page, `EventBridge answered ${nameOf(error)}`);
        });
      const [put] = answer.Entries ?? [];
      if (!put?.EventId) throw notSent(page, `EventBridge refused it: ${put?.ErrorCode ?? 'no id of an event'}`);
    },
  };
}
