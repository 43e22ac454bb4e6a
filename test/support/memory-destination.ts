/** A destination in memory, which does what a test tells it to. */
import type {
  Delivery,
  DeliveryAddress,
  Destination,
  DestinationLimits,
  Destinations,
  EndpointSecrets,
  Taken,
} from '../../shared/domain/subscriptions/ports';
import { DESTINATION_KINDS } from '../../shared/domain/subscriptions/subscription';

/** What it does with deliveries; undefined: it takes all of them. */
export type Behaviour = (
  deliveries: readonly Delivery[],
  to: DeliveryAddress,
) => Taken | undefined | Promise<Taken | undefined>;

export interface MemoryDestination extends Destination {
  /** What was taken, and where. */
  readonly taken: readonly (Delivery & DeliveryAddress)[];
  /** How often it was asked. */
  readonly attempts: number;
  behave(behaviour: Behaviour): void;
}

export function memoryDestination(
  limits: DestinationLimits = { deliveries: 10, bytes: 1_000_000, bodyBytes: 100_000 },
): MemoryDestination {
  const taken: (Delivery & DeliveryAddress)[] = [];
  let behaviour: Behaviour = () => undefined;
  let attempts = 0;
  return {
    limits,
    taken,
    get attempts() {
      return attempts;
    },
    behave(as) {
      behaviour = as;
    },
    async deliver(deliveries, to) {
      attempts += 1;
      const result = (await behaviour(deliveries, to)) ?? { taken: deliveries.length };
      taken.push(...deliveries.slice(0, result.taken).map((delivery) => ({ ...delivery, ...to })));
      return result;
    },
  };
}

/** The same for every kind. */
export const memoryDestinations = (destination: Destination): Destinations =>
  Object.fromEntries(DESTINATION_KINDS.map((kind) => [kind, destination])) as unknown as Destinations;

/** Secrets that count, so that no two are the same. */
export function memoryEndpointSecrets(): EndpointSecrets {
  let made = 0;
  return {
    make(signing) {
      made += 1;
      const [secret, shown] = [`secret ${made}`, `shown ${made}`].map((text) => Buffer.from(text).toString('base64'));
      return signing === 'v1'
        ? { secret: `whsec_${secret}`, shown: `whsec_${secret}` }
        : { secret: `whsk_${secret}`, shown: `whpk_${shown}` };
    },
  };
}
