/** The incident that is open while something is wrong: its row, its states, and whom it stops. */
import type { Confidence, Party } from '../../../../events/fields';
import type { Moves } from '../../legal-moves';
import type { KeyAct } from '../key-acts';
import type { Cause, LostAction } from '../verdict';
import type { LossOutlook } from './loss-outlook';
import type { Members } from './members';
import type { KindCount } from './store-loss';
import type { Trouble } from './trouble';

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
  /** The indexes could not be read as it opened: more may depend on the key. */
  readonly isPartial?: true;
  /** All of them by their kind. Absent where that is not known, and of incidents that were opened before they were counted so. */
  readonly kinds?: readonly KindCount[];
}

/** How many customers and data stores an incident names: it is one row of at most 400 KB, and one page. */
export const IMPACT_NAMED_MAX = 50;

/** `recovering`: the key is back, and that it is over is told once it has been quiet. */
export type IncidentState = 'open' | 'recovering' | 'closed';

/** What is lost again after it was quiet has another incident. */
export const INCIDENT_MOVES = {
  entityType: 'incident',
  stateOf: ({ state }) => state,
  states: {
    open: { initial: true, next: ['recovering', 'closed'] },
    recovering: { next: ['open', 'closed'] },
    closed: { next: [] },
  },
} as const satisfies Moves<Incident, IncidentState>;

/** What every incident has, whatever it is about. */
interface IncidentBase {
  readonly incidentId: string;
  readonly state: IncidentState;
  /** The incident that it takes the place of: that one is over, though nothing recovered. */
  readonly follows?: string;
  /** The incident that took its place: whoever is paged for this one is told by that one that it is over. */
  readonly followedBy?: string;
  /** What was observed, in a sentence for a person. */
  readonly evidence: string;
  /** When the first signal of it was observed. */
  readonly signalledAt: string;
  /** When our own check confirmed it. */
  readonly detectedAt: string;
  /** When on-call was paged. */
  readonly pagedAt?: string;
  /** When on-call was paged for one that it follows, and not told since that it is over. */
  readonly pagedSince?: string;
  /** When it was confirmed to be over. */
  readonly recoveredAt?: string;
  /** When it was over because we took the key out of use ourselves. */
  readonly outOfUseAt?: string;
  /** When on-call was told that it is over. */
  readonly recoveryPagedAt?: string;
  /** When the last of the customers whom it concerns was told. */
  readonly customerToldAt?: string;
  /** Who has it in hand, and what they said. */
  readonly acknowledged?: { readonly by: string; readonly at: string; readonly note: string };
  /** When a page that on-call is owed is sent, or sent again. None is owed: `NEVER` while it is open, then absent. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** A KMS key that is not available, or may soon be: one open problem per key. */
export interface KeyIncident extends IncidentBase {
  /** Absent of key incidents that were opened while there was no other kind. */
  readonly kind?: 'key';
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly cause: Cause;
  /** Whose act it is; absent of incidents that were opened before this was told. */
  readonly party?: Party;
  /** Who did it, by the trail of their own account: evidence, as far as an event tells. Absent: none told. */
  readonly actedBy?: KeyAct;
  /** How far the cause is known; absent of incidents that were opened before this was kept. */
  readonly confidence?: Confidence;
  /** It began while nothing was known to have stopped: whoever is paged for it is told what is at stake. */
  readonly beganAtRisk?: true;
  /** What the key's policy no longer allows, of an incident that began so. */
  readonly lost?: readonly LostAction[];
  readonly impact: Impact;
  /** When what stops, and what that takes of whose budget. Absent of incidents that were opened before this was worked out. */
  readonly outlook?: LossOutlook;
  readonly recoverableUntil?: string;
  /** When what is lost, and still works, stops at the latest. */
  readonly bitesAt?: string;
  /** When on-call was last told how long the key can still be given back. */
  readonly warnedAt?: string;
  /** When the key was lost again, after it had come back in this incident. */
  readonly lostAt?: string;
  /** How often the key has come back in this incident. */
  readonly returns?: number;
  /** While it is recovering: when it is over, unless the key is lost before. */
  readonly quietUntil?: string;
  /** The storm that it leads or is part of: see incident-group.ts. Absent of one that was not the first of its key. */
  readonly groupId?: string;
  /** The incident that leads: on-call is paged for that one. */
  readonly partOf?: string;
  /** The drill that caused it: nobody on call is paged for it. */
  readonly drillId?: string;
  /** What it leads: it is over once all of them are. */
  readonly members?: Members;
}

/** Trouble of our own: no customer's act, whatever it keeps us from seeing. One open incident per trouble and subject. */
export interface OperatorIncident extends IncidentBase {
  readonly kind: 'operator';
  readonly trouble: Trouble;
  /** What has it: a region, an account, a channel or a function. */
  readonly subject: string;
  /** The first of the KMS keys that we cannot see or use because of it. */
  readonly kmsKeyArns: readonly string[];
  /** How many there are of them. */
  readonly keyCount: number;
}

/** Whoever asks for a field of one kind asks which kind it is first. */
export type Incident = KeyIncident | OperatorIncident;

/** Whether it is trouble of our own. */
export const isOperators = (incident: Incident): incident is OperatorIncident => incident.kind === 'operator';

/** Whether it is about a key. */
export const isKeys = (incident: Incident): incident is KeyIncident => !isOperators(incident);

/** Whether we caused it ourselves, for practice. */
export const isDrill = (incident: Incident): boolean => isKeys(incident) && incident.drillId !== undefined;

/** Whether it is over: neither open nor, its key just back, about to be. */
export const isOver = ({ state }: Pick<Incident, 'state'>): boolean => state === 'closed';
