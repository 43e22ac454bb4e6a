/**
 * A subscription: where a customer wants the entries of their audit log sent, and how far they are. Its cursor is the index of
 * the next entry, and moves when the destination has taken what is before it.
 */
import type { Moves } from '../legal-moves';

export const DESTINATION_KINDS = ['webhook', 'sqs', 'sns', 'eventbridge', 's3', 'splunk', 'datadog'] as const;
export type DestinationKind = (typeof DESTINATION_KINDS)[number];

export const ENTRY_FORMATS = ['cloudevents', 'ocsf', 'cloudtrail'] as const;
export type EntryFormat = (typeof ENTRY_FORMATS)[number];

/** How a webhook is signed: with a secret that both sides know, or with a key of which they have the public half. */
export const SIGNINGS = ['v1', 'v1a'] as const;
export type Signing = (typeof SIGNINGS)[number];

export const OUTCOMES = ['ok', 'dry-run-ok', 'failed'] as const;
export type EntryOutcome = (typeof OUTCOMES)[number];

/** Which entries are sent: each list that there is has to name what the entry says. */
export interface EntryFilter {
  readonly operations?: readonly string[];
  readonly dataStores?: readonly string[];
  readonly outcomes?: readonly EntryOutcome[];
}

/** `testing`: nothing is sent but a test, until that is taken. `disabled`: the destination is gone, or took nothing for three days. */
export type SubscriptionState = 'testing' | 'active' | 'paused' | 'disabled' | 'removed';

/** Whoever is told to go on begins with a test: a destination may have changed meanwhile. */
export const SUBSCRIPTION_MOVES = {
  entityType: 'subscription',
  stateOf: ({ state }) => state,
  states: {
    testing: { initial: true, next: ['active', 'paused', 'disabled', 'removed'] },
    active: { next: ['paused', 'disabled', 'removed'] },
    paused: { next: ['testing', 'removed'] },
    disabled: { next: ['testing', 'removed'] },
    // The name can be given again.
    removed: { next: ['testing'] },
  },
} as const satisfies Moves<Subscription, SubscriptionState>;

export interface SubscriptionTest {
  readonly testId: string;
  readonly requestedAt: string;
  readonly endedAt?: string;
  /** Why it was not taken. */
  readonly failure?: string;
}

export interface Subscription {
  readonly customerId: string;
  /** What people call it; the customer has one of that name. */
  readonly name: string;
  readonly kind: DestinationKind;
  /** A URL, an ARN, or `s3://BUCKET/PREFIX`. */
  readonly target: string;
  readonly format: EntryFormat;
  readonly filter: EntryFilter;
  /** Of webhooks. */
  readonly signing?: Signing;
  /** Encrypted by KMS under an encryption context that names customer and subscription. */
  readonly secret?: Uint8Array;
  /** The secret before, which signs as well until then. */
  readonly formerSecret?: { readonly sealed: Uint8Array; readonly until: string };
  readonly state: SubscriptionState;
  /** Index of the next entry. */
  readonly cursor: number;
  readonly delivered: number;
  /** Entries that were set aside with a reason: each is a row. */
  readonly parked: number;
  /** Set aside since the last one that was taken, on the destination’s word. */
  readonly parkedInARow: number;
  /** Attempts in a row that came to nothing. */
  readonly failures: number;
  readonly failing?: { readonly since: string; readonly reason: string };
  readonly lastDeliveredAt?: string;
  readonly test: SubscriptionTest;
  /** A run is at work until then: no other begins. */
  readonly leasedUntil?: string;
  readonly addedBy: string;
  readonly addedAt: string;
  /** When it is looked after next, whatever event is lost. Absent: nothing is sent. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** What names a subscription. */
export type SubscriptionName = Pick<Subscription, 'customerId' | 'name'>;

/** What tells a subscription from every other: its row, its secret and its log of attempts go by it. */
export const subscriptionKey = ({ customerId, name }: SubscriptionName): string =>
  `${encodeURIComponent(customerId)}/${name}`;

/** The name that its secret is encrypted for: no channel has one like it. */
export const secretNameOf = (subscription: SubscriptionName): string => `subscription/${subscriptionKey(subscription)}`;

/** So many a customer has. */
export const SUBSCRIPTIONS_MAX = 20;

/** A secret that was replaced signs as well for a day. */
export const FORMER_SECRET_MS = 24 * 60 * 60_000;

/** Whether anything is sent to it now. */
export const isSending = ({ state }: Pick<Subscription, 'state'>): boolean => state === 'testing' || state === 'active';

/** What was tried last, the newest last: one row for a subscription, bounded, gone some time after the last attempt. */
export interface DeliveryLog {
  readonly customerId: string;
  readonly name: string;
  readonly attempts: readonly Attempt[];
  /** Epoch seconds: DynamoDB’s time to live. */
  readonly expiresAt: number;
  readonly revision: number;
}

/** Entries that were sent together, or in a row with the same result. */
export interface Attempt {
  readonly at: string;
  /** Indexes of the first and the last entry. Absent of a test. */
  readonly from?: number;
  readonly to?: number;
  readonly result: 'taken' | 'failed' | 'parked';
  readonly reason?: string;
}

/** An entry that the destination cannot take. Its place in the log is known: it is sent again by `resend`. */
export interface ParkedEntry {
  readonly customerId: string;
  readonly name: string;
  readonly index: number;
  readonly reason: string;
  readonly at: string;
  /** Epoch seconds: DynamoDB’s time to live. */
  readonly expiresAt: number;
  readonly revision: number;
}

/** One row a subscription that was ever disabled. Due, from the moment it was, for as long as it is. */
export interface DisabledSubscription {
  readonly customerId: string;
  readonly name: string;
  readonly kind: DestinationKind;
  /** What the destination did last. */
  readonly reason: string;
  readonly since: string;
  /** The same as `since`; absent once it goes on or is removed. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** The id of the row of an entry that was set aside: in the order of the log. */
export const parkedKey = (entry: Pick<ParkedEntry, 'customerId' | 'name' | 'index'>): string =>
  `${subscriptionKey(entry)}/${String(entry.index).padStart(15, '0')}`;
