/** What pages and `explain` say of a key that is lost, or may be: what happened, whom it stops, and until when it can be undone. */
import type { Party } from '../../../../events/fields';
import { type Impact, isDrill, type KeyIncident } from '../incidents/incident';
import { outlookInWords } from '../incidents/loss-outlook';
import { isAtStake, weightOf } from '../incidents/severity';
import { actorInWords, hasAuthor } from '../key-acts';
import { faultInWords } from '../policy/loss-in-words';
import { consequenceOf } from '../policy/needed-actions';
import type { LostAction } from '../verdict';
import { wordingOf } from './cause-words';
import { localTime } from './local-time';
import type { Sentences } from './sentences';

const WHOSE: Record<Party, string> = {
  customer: 'the customer’s',
  provider: 'ours. The customer did nothing: do not send them looking, and count the time as ours.',
  unknown: 'not known. Call it the customer’s only once ours is ruled out.',
};

const BY_ITSELF_NOTHING =
  'Do not restart, fail over, re-encrypt or delete anything: data stays protected and comes back with the key.';

const STILL_SERVES = 'Do not restart, fail over or delete anything: the key still serves, and data stays protected.';
const COMES_NOT_BACK =
  'Delete nothing, and do not restart or fail over: that brings nothing back. Keep what is protected by it.';

/** What somebody who has just woken up might do, and should not. */
function leaveAlone(incident: KeyIncident): string {
  if (incident.cause === 'key-deleted') return COMES_NOT_BACK;
  return isAtStake(incident) ? STILL_SERVES : BY_ITSELF_NOTHING;
}

function titleOf(incident: KeyIncident) {
  const happened = wordingOf(incident).happened.split(':')[0];
  const extent = `${countOf(incident.impact)} ${isAtStake(incident) ? 'at stake' : 'stopped'}`;
  return `${ownerOf(incident.impact)} key ${happened}: ${extent}`;
}

const overTitleOf = ({ impact, outOfUseAt, lost }: KeyIncident) =>
  `${ownerOf(impact)} key ${outOfUseAt ? 'was taken out of use by us' : backAs(lost)}`;

/** The members are of the same owner and cause: what happened is told once, with how many keys it is. */
const grownTitleOf = (incident: KeyIncident) =>
  `${(incident.members?.count ?? 0) + 1} keys: ${ownerOf(incident.impact)} key ${wordingOf(incident).happened.split(':')[0]}`;

const membersOf = ({ members }: KeyIncident): readonly string[] => {
  if (!members) return [];
  const { count, kmsKeyArns } = members;
  return [...kmsKeyArns, ...(count > kmsKeyArns.length ? [`and ${count - kmsKeyArns.length} more`] : [])];
};

/** Nobody is named by us: the trail of their account does. */
function whoActed(incident: KeyIncident, when: (at: string) => string): string | undefined {
  const { cause, actedBy } = incident;
  if (actedBy) return `${actorInWords(actedBy, incident)}: ${actedBy.operation} at ${when(actedBy.at)}, by CloudTrail`;
  return hasAuthor(cause) ? 'not known: no event came that tells' : undefined;
}

const backAs = (lost: KeyIncident['lost']): string => (lost ? 'allows all that we need again' : 'is available again');

const lostInWords = (lost: LostAction) => `${lost.action}: ${consequenceOf(lost.action)}; ${faultInWords(lost)}`;

/** The sentences of a key’s incident. @param timeZone The reader’s. */
export function sentencesOfKey(incident: KeyIncident, timeZone: string): Sentences {
  const when = localTime(timeZone);
  const { impact, party, lost, evidence, recoverableUntil, recoveredAt, outOfUseAt, detectedAt, kmsKeyArn, bitesAt } =
    incident;
  const weight = weightOf(incident);
  const { happened, next } = wordingOf(incident);
  const mark = isDrill(incident) ? 'DRILL. ' : '';
  return {
    title: `${mark}${titleOf(incident)}`,
    overTitle: `${mark}${overTitleOf(incident)}`,
    grownTitle: grownTitleOf(incident),
    others: membersOf(incident),
    happened: isDrill(incident)
      ? `The KMS key of drills ${happened}: in a drill, so nobody has to do anything.`
      : `${ownerOf(impact)} KMS key ${happened}.`,
    next: [...next.replaceAll('KEY', kmsKeyArn).split('\n'), leaveAlone(incident)],
    severity: `${weight.severity}: ${weight.because}`,
    outlook: incident.outlook && outlookInWords(incident.outlook, recoveredAt ?? outOfUseAt),
    whoseAct: party && WHOSE[party],
    whoActed: whoActed(incident, when),
    lost: lost?.map(lostInWords),
    extent: isAtStake(incident) ? 'At stake' : 'Stopped',
    stopped: `${countOf(impact)} of ${customersOf(impact)}`,
    named: impact.dataStores.map(
      ({ customerId, dataStoreId, capabilities }) => `${customerId}/${dataStoreId}: ${capabilities.join(', ')}`,
    ),
    since: `${when(incident.signalledAt)}, confirmed by our own call at ${when(detectedAt)}: ${evidence}`,
    until: recoverableUntil && `${when(recoverableUntil)}. After that the data is lost for good.`,
    bites:
      bitesAt && `${when(bitesAt)} at the latest, when the last session ends that began before. New ones fail now.`,
    about: { label: 'Key', text: kmsKeyArn },
    lasted: lost ? 'At risk' : 'Was away',
    over: outOfUseAt
      ? `${ownerOf(impact)} KMS key did not come back: we took it out of use ourselves at ${when(outOfUseAt)}, since nothing needs it.`
      : `${ownerOf(impact)} KMS key ${backAs(lost)} since ${when(recoveredAt ?? detectedAt)}, confirmed by our own call.`,
  };
}

/** Begins “… key”: whose it is. */
export const ownerOf = (impact: Impact) => {
  const [first] = impact.customers;
  if (impact.isPartial && !first) return 'A shared';
  return impact.customerCount === 1 && first ? `${first.name}’s` : `${impact.customerCount} customers’ shared`;
};

/** `3 data stores`, as far as they are known. */
export const countOf = ({ dataStoreCount, isPartial }: Impact) =>
  `${isPartial ? 'at least ' : ''}${dataStoreCount} data store${dataStoreCount === 1 ? '' : 's'}`;

const customersOf = (impact: Impact) =>
  (impact.isPartial && impact.customers.length === 0 ? 'customers who could not be looked up' : '') +
  impact.customers.map((customer) => customer.name).join(', ') +
  (impact.customerCount > impact.customers.length ? ` and ${impact.customerCount - impact.customers.length} more` : '');
