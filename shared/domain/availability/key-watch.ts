/** What we believe of a key's availability, since when, and when it is looked at next. */
import type { Availability } from '../../../events/fields';
import type { Moves } from '../legal-moves';
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

/** One row a key. */
export interface KeyWatch {
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly availability: Availability;
  readonly verdict: Verdict;
  /** When the present availability began. */
  readonly since: string;
  /** A data key of our own under this key, made when the watch began: what a probe unwraps. */
  readonly canary: { readonly wrapped: Uint8Array; readonly keyMaterialId: string };
  /** When a probe is due unless live traffic proves health before. */
  readonly dueAt: string;
  readonly openIncidentId?: string;
  readonly revision: number;
}
