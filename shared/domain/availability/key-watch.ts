/** What we know of a key's availability, how we know it, and the incident that is open while it is not available. */
import type { Availability, Party } from '../../../events/fields';
import type { Moves } from '../lifecycle';

/** Why a key is not available: exactly one, confirmed with our own credentials. */
export const CAUSES = [
  'key-disabled',
  'key-pending-deletion',
  'key-deleted',
  'key-material-missing',
  'key-policy',
  'role-refused',
  'role-permissions',
  'access-denied',
  'key-store-unavailable',
  'own-permissions',
  'kms-outage',
  'throttled',
  'unconfirmed',
] as const;
export type Cause = (typeof CAUSES)[number];

/** An action that we need of a key and its policy no longer allows. */
export interface LostAction {
  /** `kms:GenerateDataKey` */
  readonly action: string;
  /** The statement that denies it; where none does, the nearest of those that might allow it, if there is one. */
  readonly statement?: string;
  readonly isExplicit: boolean;
}

/** What we confirmed ourselves. */
export interface Verdict {
  readonly availability: Availability;
  readonly cause?: Cause;
  /** Whose act a loss is. */
  readonly party?: Party;
  /** What was observed, in a sentence for a person. */
  readonly evidence: string;
  /** What the key's policy no longer allows, while the key still serves. */
  readonly lost?: readonly LostAction[];
  /** The last moment until which what is lost can be had again: the date of deletion, for example. */
  readonly recoverableUntil?: string;
  readonly at: string;
}

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
  /** It began while nothing was known to have stopped: whoever is woken for it is told what is at stake. */
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
