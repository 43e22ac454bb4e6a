/** An outbox, a bus that refuses what is named, and where facts are parked. */
import type { OutgoingFact, Refusal } from '../../shared/domain/outbox/ports';
import { NOW, silentLog } from './make';
import { memoryOutbox } from './memory-outbox';

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
  const published: string[] = [];
  const parked: string[] = [];
  const publisher = {
    async publish(facts: readonly OutgoingFact[]) {
      const refused = facts.filter(({ factId }) => refusals[factId]);
      published.push(...facts.flatMap(({ factId }) => (refusals[factId] ? [] : [factId])));
      return new Map(refused.map(({ factId }) => [factId, refusals[factId] as Refusal]));
    },
  };
  const park = {
    async park(body: string) {
      parked.push(JSON.parse(body).factId);
    },
  };
  const ports = { outbox, publisher, park, clock: { now: () => NOW }, log: silentLog };
  return { outbox, published, parked, ports };
}

export const NEVER_TAKEN = { reason: 'MalformedDetail', retry: false };
export const NOT_NOW = { reason: 'ThrottlingException', retry: true };
export const idsOf = (rows: readonly { readonly factId: string }[]) => rows.map(({ factId }) => factId);
