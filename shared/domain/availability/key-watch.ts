/** What we believe of a key's availability, since when, and when it is looked at next. */
import type { Availability } from '../../../events/fields';
import type { Moves } from '../legal-moves';
import type { KeyAct } from './key-acts';
import type { Verdict } from './verdict';

/** `unknown` is a key that we took out of use while it was lost: what an assessment cannot tell changes nothing. */
export const WATCH_MOVES = {
  entityType: 'key-watch',
  stateOf: ({ availability }) => availability,
  states: {
    available: { initial: true, next: ['at-risk', 'unavailable'] },
    'at-risk': { next: ['available', 'unavailable', 'unknown'] },
    unavailable: { next: ['available', 'at-risk', 'unknown'] },
    unknown: { next: ['available', 'at-risk', 'unavailable'] },
  },
} as const satisfies Moves<KeyWatch, Availability>;

export interface Canary {
  readonly wrapped: Uint8Array;
  readonly keyMaterialId: string;
}

export interface SeenWell {
  /** When the first of the imported materials would expire; absent where none does. */
  readonly validTo?: string;
  /** What a grant alone allowed. */
  readonly granted: readonly string[];
}

/** One row a key. */
export interface KeyWatch {
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly availability: Availability;
  readonly verdict: Verdict;
  /** When the present availability began. */
  readonly since: string;
  /** A data key of our own, wrapped under the oldest material that we know of: what a look unwraps. */
  readonly canary: Canary;
  /** The same data key under the newest material, once there is a newer one. */
  readonly newestCanary?: Canary;
  /** When a full look last found the key well. Absent: none yet, or not since this was noted. */
  readonly fullLookAt?: string;
  /** What full looks saw while it was there: a later one tells by it what is gone. */
  readonly seenWell?: SeenWell;
  /** When the key was last seen well, by a look or by a use of an application's: the next look is due by it, unless it is brought forward. */
  readonly wellAt?: string;
  /** How often the customer was promised that it is looked at, in seconds; absent where nothing was promised. */
  readonly probeEverySeconds?: number;
  /** When a probe is due unless live traffic proves health before. */
  readonly dueAt: string;
  readonly openIncidentId?: string;
  /** By what its policy, as it was read last, guards it against its owner’s mistakes; absent: it was never read to. */
  readonly guarded?: readonly string[];
  /** What somebody did to it that may explain a loss, in the order of time; at most eight. */
  readonly acts?: readonly KeyAct[];
  /** Since when somebody has told that it may have changed. Absent once a verdict followed, or a look found nothing new. */
  readonly toldSince?: string;
  /** Since when looks have told nothing; absent while they tell. What we believed before stands. */
  readonly cannotTellSince?: string;
  readonly revision: number;
}
