/**
 * Customers who are to be told of a loss by a time that is agreed with them, and who are not as it comes near; and incidents of which
 * nobody has begun to tell them.
 */
import { elapsedMs, later, MINUTE_MS, utc } from '../../instants';
import { roundKey } from '../../rows';
import { unsettledIncidents } from '../incidents/find-incidents';
import { isDrill, isKeys, type KeyIncident } from '../incidents/incident';
import type { CustomerNotice } from '../notices/customer-notice';
import type { Finder, FinderPorts } from './finder';
import type { FoundTrouble } from './trouble-watch';

/** So much of the time is over: what is left is for a person to call them. */
const NEAR_SHARE = 0.8;

/** Whoever is concerned has a notice within seconds of the incident. */
const UNBEGUN_MS = 2 * MINUTE_MS;

/** Rows read of each kind in a run: of more, the first are told. */
const READ_MAX = 200;

/** What is owed is due within so long: it is tried again every half an hour at the least. */
const WAITING_MS = 60 * MINUTE_MS;

type Late = Pick<FoundTrouble, 'since' | 'evidence'>;

/** One trouble, however many wait: whoever sees to it sees to the function, or calls. */
export const findLateNotices: Finder = {
  speaksFor: ['notice-late'],
  async find(ports) {
    const owed = await ports.control.due('customer-notice', later(ports.clock.now(), WAITING_MS), READ_MAX);
    const waiting = await Promise.all(owed.map((notice) => lateNotice(notice, ports)));
    const late = [...waiting.flatMap((one) => one ?? []), ...(await unbegun(ports))];
    const [first] = late.sort((one, other) => (one.since < other.since ? -1 : 1));
    if (!first) return { found: [], isWhole: owed.length < READ_MAX };
    const evidence = late.length === 1 ? first.evidence : `${first.evidence}; and ${late.length - 1} more are late`;
    return { found: [{ trouble: 'notice-late', subject: 'tell-customers', ...first, evidence }], isWhole: true };
  },
};

/** Once it is over nobody has to be called. */
async function lateNotice(
  { incidentId, customerId, noticeDueAt }: CustomerNotice,
  { control, clock }: FinderPorts,
): Promise<Late | undefined> {
  if (noticeDueAt === undefined) return undefined;
  const incident = await control.find('incident', incidentId);
  if (!incident || !isKeys(incident) || incident.state === 'closed') return undefined;
  const nearAt = later(incident.signalledAt, elapsedMs(incident.signalledAt, noticeDueAt) * NEAR_SHARE);
  if (clock.now() < nearAt) return undefined;
  const evidence = `no channel of customer ${customerId} has taken the notice of incident ${incidentId}: they are to be told by ${utc(noticeDueAt)}`;
  return { since: nearAt, evidence };
}

/** Whatever is agreed: without a notice nobody knows by when whom to tell. */
async function unbegun(ports: FinderPorts): Promise<readonly Late[]> {
  const now = ports.clock.now();
  const old: KeyIncident[] = [];
  for await (const incident of unsettledIncidents(ports)) {
    if (isUntold(incident) && elapsedMs(incident.detectedAt, now) >= UNBEGUN_MS) old.push(incident);
    if (old.length === READ_MAX) break;
  }
  const rounds = await Promise.all(
    old.map(({ incidentId }) => ports.control.find('notice-round', roundKey(incidentId, 'opened'))),
  );
  return old.flatMap(({ incidentId, detectedAt }, at) =>
    rounds[at]?.isComplete
      ? []
      : [{ since: later(detectedAt, UNBEGUN_MS), evidence: `nobody has told customers of incident ${incidentId}` }],
  );
}

const isUntold = (incident: Parameters<typeof isKeys>[0]): incident is KeyIncident =>
  isKeys(incident) && incident.state === 'open' && !isDrill(incident) && incident.customerToldAt === undefined;
