/**
 * What somebody else may know or have used, and how far it is from doing harm.
 *
 * Wrapping a data key anew under another KMS key keeps whoever had the old KMS key from unwrapping it from now on. It does not
 * make unknown a data key that they have unwrapped before: only data that is protected anew, under another data key, is
 * out of their reach. Hence `replaceDataKeys`.
 */
import type { DataKeyName } from '../keys/data-key';
import { type Moves, transition } from '../legal-moves';
import type { ScanCursor } from '../retirement/verify/scan-cursor';

/**
 * What is done next about a compromised KMS key, in this order.
 *
 * notify: each data store that names the key is noted, its customer notified.
 * replace: another key takes its place; the jobs of that move the data keys, first among all jobs.
 * inventory: every data key that was ever under the key is counted and, with `replaceDataKeys`, marked.
 * verify: nothing is left under it.
 */
export type Stage = 'notify' | 'replace' | 'inventory' | 'verify' | 'over';

/** `contained`: nothing new is protected by it. `ended`: nothing old either, as far as that was asked for. */
export type CompromiseState = 'open' | 'contained' | 'ended';

/**
 * Data keys are contained when they are declared: each is marked before. Only one that ended without new data keys is opened
 * again, by who wants them after all.
 */
export const COMPROMISE_MOVES = {
  entityType: 'compromise',
  stateOf: ({ state }) => state,
  states: {
    open: { initial: true, next: ['contained', 'ended'] },
    contained: { initial: true, next: ['ended'] },
    ended: { next: ['open'] },
  },
} as const satisfies Moves<Compromise, CompromiseState>;

export const CONTAINMENT_MOVES = {
  entityType: 'compromise',
  stateOf: ({ stage }) => stage,
  states: {
    notify: { initial: true, next: ['replace'] },
    replace: { next: ['inventory'] },
    inventory: { next: ['verify'] },
    verify: { next: ['replace', 'inventory', 'over'] },
    over: { initial: true, next: ['inventory'] },
  },
} as const satisfies Moves<Compromise, Stage>;

/** A compromise in its new state and stage. Throws as `transition` does. */
export const compromiseTransition = (before: Compromise | undefined, after: Compromise): Compromise =>
  transition(CONTAINMENT_MOVES, before, transition(COMPROMISE_MOVES, before, after));

export interface Compromise {
  readonly compromiseId: string;
  readonly what: 'kms-key' | 'data-keys';
  /** The compromised KMS key. Data keys that leaked say nothing against the KMS keys they are under. */
  readonly kmsKeyArn?: string;
  /** Whose KMS key it is, or whose data keys; absent where several customers share it. */
  readonly customerId?: string;
  /** The compromised data keys, as they were declared. */
  readonly declared?: readonly DataKeyName[];
  readonly reason: string;
  /** From when on somebody else may have used it. Absent: always. */
  readonly since?: string;
  readonly declaredBy: string;
  readonly declaredAt: string;
  /** Whether the data keys that the KMS key protected get replacements, too. */
  readonly replaceDataKeys: boolean;
  readonly state: CompromiseState;
  readonly stage: Stage;
  /** What has to happen before the next stage, in words. */
  readonly waitingFor?: string;
  /** The step that is due next. An event for another one is a repeat and does nothing. */
  readonly step: number;
  /** How far the listing is in each segment of the base table: where its next page begins, or `over`. */
  readonly segments?: readonly Segment[];
  /** The step at which the listing began: what was counted before does not count. */
  readonly listedFrom?: number;
  readonly rotationId?: string;
  /** The verification that nothing is left under it, where that takes more than one step. */
  readonly scanCursor?: ScanCursor;
  /** When that verification last found that something is: what happened before it has seen. */
  readonly verifiedAt?: string;
  /** Data stores that named it or hold data keys of it: their customers are notified. */
  readonly dataStores: number;
  /** Of these, in how many data keys were found, and how many of those have been cleared. */
  readonly affected: number;
  readonly cleared: number;
  /** Data keys that it protected, or that are compromised themselves. */
  readonly dataKeys: number;
  /** Data keys found where no data store is registered: nobody is notified of them. */
  readonly misplaced?: number;
  /** From then on no process uses one of the data keys for new data: the windows of all of them are over. */
  readonly cleanFrom?: string;
  readonly containedAt?: string;
  readonly endedAt?: string;
  /** When the compromise is looked after. `NEVER` once nothing is left to do by itself. */
  readonly dueAt: string;
  readonly revision: number;
}

export type Segment = { readonly after?: string } | 'over';

/** `exposed` until the application says that nothing of the data store depends on a compromised data key. */
export type ExposureState = 'exposed' | 'cleared';

export const EXPOSURE_MOVES = {
  entityType: 'exposure',
  stateOf: ({ state }) => state,
  states: {
    exposed: { initial: true, next: ['cleared'] },
    cleared: { next: [] },
  },
} as const satisfies Moves<Exposure, ExposureState>;

/** One data store whose data was protected by what is compromised. */
export interface Exposure {
  readonly compromiseId: string;
  readonly customerId: string;
  readonly dataStoreId: string;
  /** The compromised KMS key, or the one that compromised data keys are under. */
  readonly kmsKeyArn: string;
  readonly dataKeys: number;
  /**
   * From the first moment at which one of the data keys may have been exposed to the last; absent while none was found. When
   * a data key came under the KMS key after it was made, the first is too early rather than too late.
   */
  readonly from?: string;
  readonly until?: string;
  readonly state: ExposureState;
  /** What the application's last scan came to, so far. */
  readonly scan?: RecordScan;
  readonly clearedBy?: string;
  readonly clearedAt?: string;
  /** The last step that counted data keys here: a step that runs again counts none twice. */
  readonly countedIn: number;
  readonly revision: number;
}

/** A scan of an application over the records of one data store. */
export interface RecordScan {
  readonly startedAt: string;
  readonly looked: number;
  readonly reprotected: number;
  /** Records that are left as they were: they failed, or somebody changed them meanwhile. */
  readonly left: number;
}
