/** explain-incident: what happened, whose act it is and why we think so, what it does, and what to do next. In plain words. */
import type { ControlStore } from '../../ports';
import { sentencesOf } from '../paging/page-text';
import { type AffectedStore, affectedStores } from './affected-stores';
import { incidentOf } from './find-incidents';
import type { Incident } from './incident';
import { type Severity, severityOf } from './severity';

export interface Explanation {
  readonly incidentId: string;
  readonly kmsKeyArn: string;
  readonly state: Incident['state'];
  readonly severity: Severity;
  readonly happened: string;
  /** Whose act it is; absent of incidents that do not say. */
  readonly whoseAct?: string;
  /** What the key's policy no longer allows, and what that stops; absent where the key is gone as a whole. */
  readonly lost?: readonly string[];
  /** Since when, and what we saw ourselves. */
  readonly evidence: string;
  /** How many data stores of whom. */
  readonly stopped: string;
  readonly dataStores: readonly AffectedStore[];
  /** Until when what is lost can be had again. */
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
  const { kmsKeyArn, state, acknowledged, follows, followedBy, impact } = incident;
  const { happened, whoseAct, lost, since, stopped, until, over, next } = sentencesOf(incident);
  const isOpen = state === 'open';
  return {
    incidentId,
    kmsKeyArn,
    state,
    severity: severityOf(incident),
    happened,
    ...(whoseAct && { whoseAct }),
    ...(lost && { lost }),
    evidence: since,
    stopped,
    dataStores: await affectedStores(impact, ports),
    ...(until && { until }),
    ...(!isOpen && followedBy === undefined && { over }),
    ...(acknowledged && { acknowledged }),
    ...(follows !== undefined && { follows }),
    ...(followedBy !== undefined && { followedBy }),
    next: isOpen ? next : [],
    commands: commandsFor(incident),
  };
}

function commandsFor({ incidentId, kmsKeyArn, state, acknowledged, followedBy }: Incident): readonly string[] {
  const isWaiting = state === 'open' && acknowledged === undefined;
  return [
    ...(isWaiting ? [`keywright ack ${incidentId} --note "who does what"`] : []),
    ...(followedBy === undefined ? [] : [`keywright explain ${followedBy}`]),
    `keywright incident ${incidentId}`,
    `keywright impact ${kmsKeyArn}`,
  ];
}
