/** What delivering entries needs of the world. */
import type { DestinationKind, Signing } from './subscription';

/** One entry, or a test, in the format of the subscription. */
export interface Delivery {
  /** The same for every attempt, unlike every other of all customers. Visible ASCII without a full stop. */
  readonly id: string;
  /** Index of the entry in the log; absent of a test. */
  readonly index?: number;
  readonly at: string;
  readonly contentType: string;
  /** One JSON value without a line break. */
  readonly body: Uint8Array;
}

/** Where deliveries go. */
export interface DeliveryAddress {
  readonly customerId: string;
  readonly target: string;
  readonly signing?: Signing;
  /** What signs or authorises, the current one first. Never logged, and in no reason. */
  readonly secrets: readonly string[];
}

/**
 * `later`: it may be taken the next time. `refused`: what was sent is wrong, says the destination. `unacceptable`: it is too large,
 * or holds what the destination takes never. `gone`: nothing is to be sent there any more.
 */
export interface Refusal {
  readonly kind: 'later' | 'refused' | 'unacceptable' | 'gone';
  /** For people: names no secret, and repeats nothing that the destination wrote. */
  readonly reason: string;
  /** The destination says when. */
  readonly retryAfterMs?: number;
}

/** The first so many were taken; the next one met the refusal. Those behind it may have been taken all the same. */
export interface Taken {
  readonly taken: number;
  readonly refusal?: Refusal;
}

export interface DestinationLimits {
  /** How many deliveries are sent together. */
  readonly deliveries: number;
  /** Of all their bodies together. */
  readonly bytes: number;
  /** Of one body. */
  readonly bodyBytes: number;
}

export interface Destination {
  readonly limits: DestinationLimits;
  /**
   * Sends deliveries in their order: at least once, since what was sent and not answered is sent again. Ends by itself within some
   * seconds, whatever the destination does, and never throws for what the destination does.
   */
  deliver(deliveries: readonly Delivery[], to: DeliveryAddress): Promise<Taken>;
}

/** One for each kind. */
export type Destinations = Readonly<Record<DestinationKind, Destination>>;

export interface EndpointSecret {
  /** What signs: kept encrypted. */
  readonly secret: string;
  /** What the receiver needs: the same, or the public half. */
  readonly shown: string;
}

export interface EndpointSecrets {
  /** A new secret, as Standard Webhooks writes it. Never the same twice. */
  make(signing: Signing): EndpointSecret;
}
