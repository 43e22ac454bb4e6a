/** A drill: a KMS key of ours, which protects nothing, is really taken away and given back, and how long it takes us is measured. */
import type { Cause } from '../availability/verdict';
import { elapsedMs } from '../instants';
import type { Moves } from '../legal-moves';
import { defined } from '../optional-fields';

interface Provocation {
  /** The cause that a verdict has to name. */
  readonly found: Cause;
  /** Whether the key is lost as a whole: applications are stopped then. */
  readonly isContained: boolean;
  /** Which uses the key's policy then refuses to what looks at keys; absent where another act takes the key away. */
  readonly denied?: readonly string[];
}

/** What is done to the key, by the name of the drill. */
export const PROVOCATIONS = {
  'key-disabled': { found: 'key-disabled', isContained: true },
  'key-pending-deletion': { found: 'key-pending-deletion', isContained: true },
  'key-policy': {
    found: 'key-policy',
    isContained: true,
    denied: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
  },
  'partial-loss': { found: 'key-policy', isContained: false, denied: ['kms:GenerateDataKey'] },
} as const satisfies Readonly<Record<string, Provocation>>;
export type DrillCause = keyof typeof PROVOCATIONS;
export const DRILL_CAUSES = Object.keys(PROVOCATIONS) as readonly DrillCause[];

/** What is done to the key, and what has to come of it. */
export const provocationOf = (cause: DrillCause): Provocation => PROVOCATIONS[cause];

export type DrillState = 'due' | 'provoked' | 'lost' | 'returning' | 'passed' | 'failed';

/** What was provoked is given back before the drill ends, whatever became of it. */
export const DRILL_MOVES = {
  entityType: 'drill',
  stateOf: ({ state }) => state,
  states: {
    due: { initial: true, next: ['provoked', 'failed'] },
    provoked: { next: ['lost', 'returning'] },
    lost: { next: ['returning'] },
    returning: { next: ['passed', 'failed'] },
    passed: { next: [] },
    failed: { next: [] },
  },
} as const satisfies Moves<Drill, DrillState>;

/** The instants that a drill is judged by. */
interface Moments {
  /** Just before the key was taken away. */
  readonly provokedAt?: string;
  /** When the verdict was confirmed. */
  readonly detectedAt?: string;
  /** Since when applications read that the key is lost. */
  readonly containedAt?: string;
  /** When the page about it was taken. */
  readonly pagedAt?: string;
  /** Just before the key was given back. */
  readonly restoredAt?: string;
  /** When it was verified that the key serves again. */
  readonly recoveredAt?: string;
}

export interface Drill extends Moments {
  readonly drillId: string;
  readonly cause: DrillCause;
  readonly kmsKeyArn: string;
  readonly state: DrillState;
  /** A principal, or `SCHEDULE`. */
  readonly requestedBy: string;
  readonly requestedAt: string;
  /** The customer who asked for it. Their key is not touched. */
  readonly customerId?: string;
  /** The incident that it caused. */
  readonly incidentId?: string;
  /** The cause that the verdict named. */
  readonly foundCause?: Cause;
  /** Of one that is over: the targets that it missed. */
  readonly missed?: readonly Target[];
  readonly endedAt?: string;
  /** When it is looked after next, whatever fact was lost. Absent: it is over. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** Who asks for what is drilled by itself. */
export const SCHEDULE = 'the weekly schedule';

/** When the drills of a week are due. One row. */
export interface DrillSchedule {
  readonly scheduleId: 'weekly';
  readonly dueAt: string;
  readonly revision: number;
}

/** Whether nothing of it is left to do. */
export const isDrillOver = ({ state }: Pick<Drill, 'state'>): boolean => state === 'passed' || state === 'failed';

interface Measure {
  readonly from: keyof Moments;
  readonly to: keyof Moments;
  readonly withinMs: number;
}

/** Detected, contained and paged within a minute of the act; recovered within two of the way back. */
export const MEASURES = {
  detect: { from: 'provokedAt', to: 'detectedAt', withinMs: 60_000 },
  contain: { from: 'provokedAt', to: 'containedAt', withinMs: 60_000 },
  page: { from: 'provokedAt', to: 'pagedAt', withinMs: 60_000 },
  recover: { from: 'restoredAt', to: 'recoveredAt', withinMs: 120_000 },
} as const satisfies Readonly<Record<string, Measure>>;
type Measured = keyof typeof MEASURES;

/** `begin`: the key was not in order, so that nothing was provoked. `cause`: the verdict named another one. */
export type Target = Measured | 'begin' | 'cause';

/** How long one of them took, in milliseconds; undefined where it did not come about. */
export function measured(drill: Moments, measure: Measured): number | undefined {
  const { from, to } = MEASURES[measure];
  const [began, ended] = [drill[from], drill[to]];
  return began === undefined || ended === undefined ? undefined : Math.max(0, elapsedMs(began, ended));
}

export interface DrillFigures {
  readonly detectMs?: number;
  readonly containMs?: number;
  readonly pageMs?: number;
  readonly recoverMs?: number;
}

/** What was measured, each where it came about. */
export const figuresOf = (drill: Moments): DrillFigures =>
  defined({
    detectMs: measured(drill, 'detect'),
    containMs: measured(drill, 'contain'),
    pageMs: measured(drill, 'page'),
    recoverMs: measured(drill, 'recover'),
  });

/** The targets that a drill missed, once it is to end: nothing where it passed. */
export function missedTargets(drill: Drill): readonly Target[] {
  if (drill.provokedAt === undefined) return ['begin'];
  const { found, isContained } = provocationOf(drill.cause);
  const asked = (Object.keys(MEASURES) as Measured[]).filter((measure) => isAsked(measure, drill, isContained));
  const late = asked.filter(
    (measure) => (measured(drill, measure) ?? Number.POSITIVE_INFINITY) > MEASURES[measure].withinMs,
  );
  return drill.foundCause === undefined || drill.foundCause === found ? late : [...late, 'cause'];
}

/** What was never noticed has nothing to recover from. */
const isAsked = (measure: Measured, { incidentId }: Drill, isContained: boolean): boolean =>
  measure === 'recover' ? incidentId !== undefined : measure !== 'contain' || isContained;
