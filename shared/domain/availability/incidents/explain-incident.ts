/** explain-incident: what happened, whose act it is and why we think so, what it does, and what to do next. In plain words. */
import type { Confidence } from '../../../../events/fields';
import { defined } from '../../optional-fields';
import type { ControlStore } from '../../ports';
import { sentencesOf } from '../paging/page-text';
import { type AffectedStore, affectedStores } from './affected-stores';
import { incidentOf } from './find-incidents';
import { type Incident, isOperators, isOver, type KeyIncident } from './incident';
import { weightOf } from './severity';
import type { Severity } from './severity-level';
import type { KeyLoss } from './store-loss';
import { troubleWording } from './trouble';

export interface Explanation {
  readonly incidentId: string;
  /** Absent of trouble of our own. */
  readonly kmsKeyArn?: string;
  readonly state: Incident['state'];
  readonly severity: Severity;
  readonly happened: string;
  /** Whose act it is; absent of incidents that do not say. */
  readonly whoseAct?: string;
  /** Who did it, as far as an event tells; absent of what nobody does. */
  readonly whoActed?: string;
  /** How far the cause is known; absent of trouble of our own, and of incidents that do not say. */
  readonly confidence?: Confidence;
  /** What the key's policy no longer allows, and what that stops; absent where the key is gone as a whole. */
  readonly lost?: readonly string[];
  /** Since when, and what we saw ourselves. */
  readonly evidence: string;
  /** How many data stores of whom; of trouble of our own what it means. */
  readonly stopped: string;
  /** When how many of them stop. */
  readonly stops: readonly string[];
  /** What was promised to the customer whom it weighs on most, and what is left of it; absent of incidents that do not say. */
  readonly contract?: string;
  /** Whether the time is burnt, or by which clause it is not. */
  readonly whoseTime?: string;
  readonly because: string;
  readonly dataStores: readonly AffectedStore[];
  /** The first of the keys that trouble of our own is about. */
  readonly kmsKeyArns?: readonly string[];
  /** A page of docs/runbooks. */
  readonly runbook?: string;
  /** When what still works stops; absent once it is over. */
  readonly bites?: string;
  /** Until when what is lost can be had again; absent once it is over. */
  readonly until?: string;
  /** How it ended; absent while it is open. */
  readonly over?: string;
  readonly acknowledged?: NonNullable<Incident['acknowledged']>;
  readonly follows?: string;
  readonly followedBy?: string;
  /** What to do, the first first. */
  readonly next: readonly string[];
  /** Commands that help with it. */
  readonly commands: readonly string[];
}

/** @throws KeywrightError `state.not-found`. */
export async function explainIncident(
  incidentId: string,
  ports: { readonly control: ControlStore },
): Promise<Explanation> {
  const incident = await incidentOf(incidentId, ports);
  const { state, acknowledged, follows, followedBy } = incident;
  const { happened, whoseAct, whoActed, lost, since, stopped, outlook, until, bites, over, next } =
    sentencesOf(incident);
  return {
    incidentId,
    state,
    ...weightOf(incident),
    happened,
    ...(whoseAct && { whoseAct }),
    ...(whoActed && { whoActed }),
    ...(lost && { lost }),
    evidence: since,
    stopped,
    stops: outlook?.stops ?? [],
    ...defined({ contract: outlook?.contract, whoseTime: outlook?.time }),
    ...(await partOf(incident, ports)),
    ...(until && state === 'open' && { until }),
    ...(bites && state === 'open' && { bites }),
    ...(state !== 'open' && followedBy === undefined && { over }),
    ...(acknowledged && { acknowledged }),
    ...(follows !== undefined && { follows }),
    ...(followedBy !== undefined && { followedBy }),
    next: state === 'open' ? next : [],
    commands: commandsFor(incident),
  };
}

/** What is told of the one kind alone. */
async function partOf(
  incident: Incident,
  ports: { readonly control: ControlStore },
): Promise<Pick<Explanation, 'kmsKeyArn' | 'confidence' | 'dataStores' | 'kmsKeyArns' | 'runbook'>> {
  if (isOperators(incident)) {
    const { kmsKeyArns, trouble } = incident;
    return { dataStores: [], kmsKeyArns, runbook: troubleWording(trouble).runbook };
  }
  const { kmsKeyArn, confidence, impact } = incident;
  const dataStores = await affectedStores(impact, lossOf(incident), ports);
  return { kmsKeyArn, ...defined({ confidence }), dataStores };
}

const lossOf = ({ outlook, signalledAt, recoverableUntil }: KeyIncident): KeyLoss => ({
  lostAt: outlook?.lostAt ?? signalledAt,
  ...(recoverableUntil !== undefined && { deletionAt: recoverableUntil }),
});

function commandsFor(incident: Incident): readonly string[] {
  const { incidentId, acknowledged, followedBy } = incident;
  const isWaiting = !isOver(incident) && acknowledged === undefined;
  return [
    ...(isWaiting ? [`keywright ack ${incidentId} --note "who does what"`] : []),
    ...(followedBy === undefined ? [] : [`keywright explain ${followedBy}`]),
    `keywright incident ${incidentId}`,
    isOperators(incident) ? 'keywright status' : `keywright impact ${incident.kmsKeyArn}`,
  ];
}
