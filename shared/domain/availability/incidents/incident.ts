/** The incident that is open while a key is not available: its row, its states, and whom it stops. */
import type { Party } from '../../../../events/fields';
import type { Moves } from '../../legal-moves';
import type { Cause, LostAction } from '../verdict';

/** Which customers and data stores an unavailable key stops. The counts are whole, the lists name the first of them. */
export interface Impact {
  readonly customerCount: number;
  readonly dataStoreCount: number;
  readonly customers: readonly { readonly customerId: string; readonly name: string }[];
  readonly dataStores: readonly {
    readonly customerId: string;
    readonly dataStoreId: string;
    readonly capabilities: readonly string[];
  }[];
}

/** How many customers and data stores an incident names: it is one row of at most 400 KB, and one page. */
export const IMPACT_NAMED_MAX = 50;

export type IncidentState = 'open' | 'closed';

/** A key that is lost again has another incident. */
export const INCIDENT_MOVES = {
  entityType: 'incident',
  stateOf: ({ state }) => state,
  states: {
    open: { initial: true, next: ['closed'] },
    closed: { next: [] },
  },
} as const satisfies Moves<Incident, IncidentState>;

/** One open problem per KMS key. */
export interface Incident {
  readonly incidentId: string;
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly state: IncidentState;
  /** The incident of another party that it takes the place of: that one is over, though the key never came back. */
  readonly follows?: string;
  /** The incident that took its place: whoever is paged for this one is told by that one that it is over. */
  readonly followedBy?: string;
  readonly cause: Cause;
  /** Whose act it is; absent of incidents that were opened before this was told. */
  readonly party?: Party;
  /** Whose act it was when that was last known: what AWS does not tell for a while makes it nobody else's. */
  readonly knownParty?: Party;
  readonly evidence: string;
  /** It began while nothing was known to have stopped: whoever is paged for it is told what is at stake. */
  readonly beganAtRisk?: true;
  /** What the key's policy no longer allows, of an incident that began so. */
  readonly lost?: readonly LostAction[];
  readonly impact: Impact;
  readonly recoverableUntil?: string;
  /** When the first signal of it was observed. */
  readonly signalledAt: string;
  /** When our own check confirmed it. */
  readonly detectedAt: string;
  /** When on-call was paged. */
  readonly pagedAt?: string;
  /** When on-call was paged for one that it follows, and not told since that it is over. */
  readonly pagedSince?: string;
  readonly recoveredAt?: string;
  /** When it was over because we took the key out of use ourselves. */
  readonly outOfUseAt?: string;
  /** When on-call was told that it is over. */
  readonly recoveryPagedAt?: string;
  /** Who has it in hand, and what they said. */
  readonly acknowledged?: { readonly by: string; readonly at: string; readonly note: string };
  /** When a page that on-call is owed is sent, or sent again. None is owed: `NEVER` while it is open, then absent. */
  readonly dueAt?: string;
  readonly revision: number;
}
