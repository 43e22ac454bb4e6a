/** An outbox, a bus that refuses what is named, and where facts are parked. */
import type { Refusal } from '../../shared/domain/outbox/ports';
import { NOW, silentLog } from './make';
import { memoryFactBus } from './memory-fact-bus';
import { memoryOutbox } from './memory-outbox';
import { memoryPark } from './memory-park';

export const MINUTE_MS = 60_000;

export const aRow = (factId: string, fields: object = {}) => ({
  factId,
  detailType: 'key-rotated.v1',
  detail: JSON.stringify({ factId }),
  dueAt: NOW,
  ...fields,
});

/** The bus refuses what is named, as named. */
export function outboxWorld(refusals: Readonly<Record<string, Refusal>> = {}) {
  const outbox = memoryOutbox();
  const publisher = memoryFactBus(refusals);
  const park = memoryPark();
  const ports = { outbox, publisher, park, clock: { now: () => NOW }, log: silentLog };
  return {
    outbox,
    ports,
    published: () => idsOf(publisher.published),
    parked: () => park.parked.map(({ body }) => JSON.parse(body).factId),
  };
}

export const NEVER_TAKEN = { reason: 'MalformedDetail', retry: false };
export const NOT_NOW = { reason: 'ThrottlingException', retry: true };
export const idsOf = (rows: readonly { readonly factId: string }[]) => rows.map(({ factId }) => factId);
