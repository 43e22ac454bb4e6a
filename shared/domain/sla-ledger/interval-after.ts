/** What a customer's interval says after a change of its incident. */
import type { KeyIncident } from '../availability/incidents/incident';
import { firstStopAt, stoppingOf } from '../availability/incidents/loss-outlook';
import { isAtStake } from '../availability/incidents/severity';
import { type KindCount, stagesOf } from '../availability/incidents/store-loss';
import { customersAct } from '../availability/key-acts';
import type { DataStore } from '../customers/customer';
import { defined } from '../optional-fields';
import { excludingClause, noticeDueOf, type SlaTerms } from '../service-levels/service-level';
import { INTERVAL_STORES_MAX, type SlaInterval } from '../service-levels/sla-interval';

/** The data stores of one customer that depend on the key: the count is whole, as are the kinds; the first are named. */
export interface CustomerStores {
  readonly customerId: string;
  readonly count: number;
  readonly kinds: readonly KindCount[];
  readonly named: readonly Pick<DataStore, 'dataStoreId' | 'kind'>[];
}

interface Change {
  readonly incident: KeyIncident;
  /** The incident that took its place, if one did. */
  readonly followedBy?: KeyIncident;
  readonly terms: SlaTerms;
  /** When this customer was told: others of the key may have been earlier, or not yet. */
  readonly toldAt: string | undefined;
  /** How long the customer lets applications go on with data keys that they keep. */
  readonly keptMs: number;
  readonly restsOn: SlaInterval['restsOn'];
}

/** @param before The interval as it was recorded last. What is over keeps the terms that it was accounted for by. */
export function intervalAfter(before: SlaInterval | undefined, stores: CustomerStores, change: Change): SlaInterval {
  const { incident, terms, restsOn, toldAt } = change;
  const { incidentId, kmsKeyArn, customerId, cause, party, signalledAt: lostAt, detectedAt } = incident;
  const clause = before?.servingAt === undefined ? excludingClause(terms, incident) : before.clause;
  const noticeDueAt = before?.servingAt === undefined ? noticeDueOf(terms, lostAt) : before.noticeDueAt;
  const servingAt = endOf(change);
  const stoppedAt = earlier(stopOf(stores, change), before?.stoppedAt);
  return {
    incidentId,
    customerId: stores.customerId,
    kmsKeyArn,
    cause,
    ...defined({ party, actedBy: stores.customerId === customerId ? customersAct(incident) : undefined, clause }),
    lostAt,
    detectedAt,
    ...defined({ pagedAt: incident.pagedAt ?? incident.pagedSince, toldAt, noticeDueAt }),
    // What was to stop later than it was over never did.
    ...(stoppedAt !== undefined && (servingAt === undefined || stoppedAt < servingAt) && { stoppedAt }),
    ...defined({ restoredAt: incident.recoveredAt, servingAt }),
    dataStoreCount: stores.count,
    dataStores: stores.named.map((store) => ({ ...store, ...stopsAtOf(store, incident, change.keptMs) })),
    restsOn,
    revision: before?.revision ?? 0,
  };
}

/** When the time ended: with the key's return, with our own act, or where another incident's time begins. */
function endOf({ incident, followedBy }: Change): string | undefined {
  if (incident.state !== 'closed') return undefined;
  return incident.recoveredAt ?? incident.outOfUseAt ?? followedBy?.detectedAt ?? incident.detectedAt;
}

/** Time that an earlier incident has is not this one's. */
function stopOf({ kinds }: CustomerStores, { incident, keptMs }: Change): string | undefined {
  const loss = lossOf(incident);
  const ofCustomer = kinds.map((count) => ({ ...count, keptMs }));
  const stop = loss && firstStopAt({ ...loss, stopping: stoppingOf(ofCustomer, loss) });
  if (stop === undefined || incident.follows === undefined) return stop;
  return stop > incident.detectedAt ? stop : incident.detectedAt;
}

/** Undefined: the key still serves as far as is known. Incidents of older builds do not say what is ahead of them. */
function lossOf(incident: KeyIncident) {
  const { outlook, signalledAt } = incident;
  if (outlook === undefined) return isAtStake(incident) ? undefined : { lostAt: signalledAt };
  return outlook.stopping.length > 0 ? { lostAt: outlook.lostAt } : undefined;
}

function stopsAtOf({ kind }: Pick<DataStore, 'kind'>, incident: KeyIncident, keptMs: number) {
  const loss = lossOf(incident);
  return loss && defined({ stopsAt: stagesOf(kind, loss, keptMs).stopsAt });
}

/** A stop that was recorded once is not taken back. */
const earlier = (one: string | undefined, other: string | undefined): string | undefined =>
  [one, other].filter((instant) => instant !== undefined).sort()[0];

/** The stores of a customer, one added. */
export function withStore(
  before: CustomerStores | undefined,
  { customerId, dataStoreId, kind, capabilities }: DataStore,
): CustomerStores {
  const { count = 0, kinds = [], named = [] } = before ?? {};
  const same = kinds.find((one) => one.kind === kind);
  const counted = {
    kind,
    dataStores: (same?.dataStores ?? 0) + 1,
    customerFacing: (same?.customerFacing ?? 0) + (capabilities.length > 0 ? 1 : 0),
  };
  return {
    customerId,
    count: count + 1,
    kinds: [...kinds.filter((one) => one !== same), counted],
    named: named.length < INTERVAL_STORES_MAX ? [...named, { dataStoreId, kind }] : named,
  };
}

/** The stores of a customer as their interval has them: some may name another key by now. */
export function storesIn({ customerId, dataStoreCount, dataStores }: SlaInterval): CustomerStores {
  const named = dataStores.map(({ dataStoreId, kind }) => ({ dataStoreId, kind }));
  const kinds = [...new Set(named.map(({ kind }) => kind))].map((kind) => ({
    kind,
    dataStores: named.filter((store) => store.kind === kind).length,
    customerFacing: 0,
  }));
  return { customerId, count: dataStoreCount, kinds, named };
}
