/** What is needed to publish the facts that were committed. */

/** A fact on its way out, with its detail as it was committed: the text of a JSON object. */
export interface OutgoingFact {
  readonly factId: string;
  readonly detailType: string;
  readonly detail: string;
}

/** Why a fact was not taken, and whether the same fact may be taken later. */
export interface Refusal {
  readonly reason: string;
  readonly retry: boolean;
}

export interface FactPublisher {
  /**
   * Publishes facts on the bus. Delivery is at least once. A fact that is refused keeps none of the others.
   *
   * @returns what was refused or not reached, by fact id.
   */
  publish(facts: readonly OutgoingFact[]): Promise<ReadonlyMap<string, Refusal>>;
}

/** A fact as it lies in the outbox. What is not there, or is no text, is undefined. */
export interface OutboxRow {
  readonly factId: string;
  readonly detailType: string | undefined;
  readonly detail: string | undefined;
}

/**
 * The outbox as those see it who publish from it. Every note is safe to repeat, and changes nothing once a fact is out or parked.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export interface Outbox {
  /**
   * Facts that are not out although they should be, the longest due first, at most `limit`. Eventually consistent.
   *
   * @param leftOut Told the key of what was found among them and is no row of the outbox. Some thousands hide nothing.
   */
  due(now: string, limit: number, leftOut?: (key: string) => void): Promise<readonly OutboxRow[]>;
  /** The fact is out. */
  published(factId: string): Promise<void>;
  /** The fact can never be published: it is kept, with the reason, until a person has seen to it. */
  parked(factId: string, reason: string): Promise<void>;
  /** The fact was refused, and is due again at that instant. */
  postponed(factId: string, dueAt: string): Promise<void>;
}
