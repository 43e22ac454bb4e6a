/** What a customer is told of an incident: a row for each of them, so that one who cannot be reached keeps no other. */
import type { Moves } from '../../legal-moves';

export type NoticeAbout = 'opened' | 'closed';

/** `recorded`: in their stream alone, since no channel of theirs is for it, or none took it for a day. */
export type NoticeState = 'owed' | 'sent' | 'recorded';

export const NOTICE_MOVES = {
  entityType: 'customer-notice',
  stateOf: ({ state }) => state,
  states: {
    owed: { initial: true, next: ['sent', 'recorded'] },
    sent: { next: [] },
    recorded: { initial: true, next: [] },
  },
} as const satisfies Moves<CustomerNotice, NoticeState>;

export interface CustomerNotice {
  readonly incidentId: string;
  readonly customerId: string;
  readonly kmsKeyArn: string;
  readonly about: NoticeAbout;
  readonly state: NoticeState;
  /** Of theirs, and nobody else’s: the first of them, and how many there are. */
  readonly dataStores: readonly string[];
  readonly dataStoreCount: number;
  readonly createdAt: string;
  readonly attempts: number;
  /** When their stream had it, where that is all; else when a channel took it. */
  readonly toldAt?: string;
  /** By when they are to have it, by what is agreed with them. Absent: nothing is, and of the end of an incident. */
  readonly noticeDueAt?: string;
  /** When it is sent, or sent again; only while it is owed. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** How far everybody who is concerned has been told: one row for an incident, and one for its end. */
export interface NoticeRound {
  readonly incidentId: string;
  readonly about: NoticeAbout;
  /** Customers with a notice. */
  readonly noticeCount: number;
  /** Those of them that are told. */
  readonly toldCount: number;
  /** The last time that one was. */
  readonly lastToldAt?: string;
  /** All who are concerned have a notice. */
  readonly isComplete: boolean;
  /** While not all have one. */
  readonly dueAt?: string;
  readonly revision: number;
}
