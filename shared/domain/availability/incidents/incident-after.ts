/** incident-after: what a verdict makes of a key's incident. Nothing is written here. */

import type { KeySignalReceived } from '../../../../events/key-signal-received';
import type { KmsKey } from '../../keys/kms-key';
import { transition } from '../../legal-moves';
import { defined } from '../../optional-fields';
import type { Ids } from '../../ports';
import { actBehind } from '../key-acts';
import type { KeyWatch } from '../key-watch';
import { pagedSince } from '../paging/owed-page';
import type { Verdict } from '../verdict';
import { lostAgain, recovered } from './flaps';
import { INCIDENT_MOVES, type KeyIncident } from './incident';
import { type ImpactPorts, impactForPage } from './key-impact';
import { type WeighPorts, weighLoss } from './weigh-loss';

export type IncidentPorts = ImpactPorts & WeighPorts & { readonly ids: Ids };

interface Before {
  readonly key: KmsKey;
  readonly watch: KeyWatch;
  readonly open: KeyIncident | undefined;
}

/**
 * The incident as it is after the verdict: opened, told of a new cause, or closed. Undefined when there is none. The loss of a
 * key that was only at risk is another incident: nobody was told that anything stops. Of one key a loss is always by the same hand,
 * as far as it is known: what keeps us out by a policy of our own is no verdict on it.
 */
export async function incidentAfter(
  verdict: Verdict,
  signal: Pick<KeySignalReceived, 'signal' | 'signalledAt'>,
  { key, watch, open }: Before,
  ports: IncidentPorts,
): Promise<KeyIncident | undefined> {
  const {
    availability,
    cause = 'unconfirmed',
    party,
    confidence,
    evidence,
    lost,
    recoverableUntil,
    bitesAt,
    at,
  } = verdict;
  if (availability === 'available') return open && recovered(open, at, signal.signal === 'probe');

  const found = {
    cause,
    ...defined({ party, confidence, actedBy: actBehind(cause, watch, at) }),
    evidence,
    ...(recoverableUntil && { recoverableUntil }),
    ...defined({ bitesAt }),
  };
  const impact = await impactForPage(key, ports);
  const wasAway = open?.outlook && open.outlook.stopping.length > 0 ? open.outlook : undefined;
  const loss = {
    cause,
    ...(party && { party }),
    ...(recoverableUntil && { deletionAt: recoverableUntil }),
    lostAt: wasAway?.lostAt ?? signal.signalledAt,
    isServing: availability === 'at-risk' && !wasAway,
  };
  // Of what is not known nothing is worked out: it weighs as what stops.
  const outlook = impact.isPartial ? undefined : await weighLoss({ ...loss, impact }, ports);
  if (open && !isGrown(open, verdict)) {
    // The party, its act, the losses and the deadline of an earlier cause are not this one's.
    const { party: _party, actedBy: _by, confidence: _known, ...before } = lostAgain(open, at);
    const { lost: _lost, recoverableUntil: _until, bitesAt: _bites, ...kept } = before;
    return { ...kept, ...found, ...defined({ outlook }), ...(open.beganAtRisk && lost && { lost }) };
  }
  const paged = open && pagedSince(open);
  const drillId = key.openDrillId ?? open?.drillId;
  return transition<KeyIncident>(INCIDENT_MOVES, undefined, {
    kind: 'key',
    incidentId: ports.ids.next(),
    ...(open && { follows: open.incidentId }),
    ...(paged && { pagedSince: paged }),
    kmsKeyArn: key.kmsKeyArn,
    ...(key.customerId && { customerId: key.customerId }),
    ...defined({ drillId }),
    state: 'open',
    ...found,
    ...(availability === 'at-risk' && { beganAtRisk: true }),
    ...(lost && { lost }),
    impact,
    ...defined({ outlook }),
    signalledAt: signal.signalledAt,
    detectedAt: at,
    revision: 0,
  });
}

/** Once in an incident, however often the key comes and goes. */
const isGrown = ({ beganAtRisk }: KeyIncident, { availability }: Verdict): boolean =>
  beganAtRisk === true && availability === 'unavailable';
