/** What became of the pages about one incident, by channel: who took the opening, what they know, and who is still to be told. */

export interface ChannelDelivery {
  /** When it took the page that the incident opened. */
  readonly openedAt?: string;
  /** What it was told last, as `stateHash` has it. */
  readonly stateHash?: number;
  /** Who has the incident in hand, as it was told by a page about that. */
  readonly acknowledgedBy?: string;
  /** When it was told that the incident is over. */
  readonly closedAt?: string;
  /** Why it did not take the last page; absent where it did. */
  readonly failure?: string;
}

/** One row an incident, from its first page on. */
export interface PageDelivery {
  readonly incidentId: string;
  /** By the names of channels; bounded, as those of an owner are. */
  readonly channels: Readonly<Record<string, ChannelDelivery>>;
  /** When the first channel took the opening: what an escalation counts from. */
  readonly openedAt?: string;
  /** Somebody is sending until then. */
  readonly claimedUntil?: string;
  /** When there is something to do again: what failed, an escalation, or to see that all know what is so. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** No channel took anything yet. */
export const newDelivery = (incidentId: string): PageDelivery => ({ incidentId, channels: {}, revision: 0 });
