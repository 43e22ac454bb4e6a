/** Event buses: each account has a default one in each Region, and those it creates. */
import type { JsonObject } from '../call';
import type { Clock } from '../clock';
import type { Store } from '../store';
import { type BusName, busArn, DEFAULT_BUS } from './names';

export interface Bus extends BusName {
  readonly arn: string;
  readonly description?: string;
  /** Absent while nobody but the own account may use the bus. */
  readonly policy?: BusPolicy;
  readonly deadLetterArn?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface BusPolicy {
  readonly Version: string;
  readonly Statement: readonly JsonObject[];
}

export interface BusBook {
  /** @returns undefined when there is no such bus. A default bus is always there. */
  find(name: BusName): Bus | undefined;
  put(bus: Bus): void;
  remove(arn: string): void;
  /** Buses of an account in a Region, by name. */
  list(home: Omit<BusName, 'name'>): readonly Bus[];
}

export function busBook({ store, clock }: { readonly store: Store; readonly clock: Clock }): BusBook {
  const rows = store.table<Bus>('events.buses');
  const find = (name: BusName): Bus | undefined => {
    const arn = busArn(name);
    const bus = rows.get(arn);
    if (bus !== undefined || name.name !== DEFAULT_BUS) return bus;
    const opened = newBus(name, clock.now());
    rows.set(arn, opened);
    return opened;
  };
  return {
    find,
    put: (bus) => rows.set(bus.arn, bus),
    remove: (arn) => rows.delete(arn),
    list(home) {
      find({ ...home, name: DEFAULT_BUS });
      return [...rows.values()]
        .filter((bus) => bus.accountId === home.accountId && bus.region === home.region)
        .sort((one, other) => (one.name < other.name ? -1 : 1));
    },
  };
}

export function newBus({ accountId, region, name }: BusName, now: number): Bus {
  return {
    accountId,
    region,
    name,
    arn: busArn({ accountId, region, name }),
    createdAt: now,
    modifiedAt: now,
  };
}
