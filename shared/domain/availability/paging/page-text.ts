/** The pages about an incident: what happened first, then the next step, then what else is known. */
import { durationText } from '../../duration-text';
import { elapsedMs } from '../../instants';
import { defined } from '../../optional-fields';
import { type Incident, isKeys, isOperators, type KeyIncident, type OperatorIncident } from '../incidents/incident';
import { severityOf } from '../incidents/severity';
import { troubleWording } from '../incidents/trouble';
import { actDetails } from '../key-acts';
import { countOf, ownerOf, sentencesOfKey } from './key-text';
import { localTime } from './local-time';
import type { Page, PageAbout } from './page';
import { acknowledgeLines, labelled, linesOf, nextLines, type Reader, runbookAt, subject } from './page-lines';
import { stateHash } from './plan-pages';
import type { Sentences } from './sentences';
import { sentencesOfTrouble } from './trouble-text';

/**
 * The page about an incident: a subject of at most 100 ASCII characters, a body, and the same for programs.
 *
 * @param now From when the time that is left is counted; only `deadline` says it.
 */
export function pageOf(incident: Incident, about: PageAbout, reader: Reader, now = incident.detectedAt): Page {
  const { incidentId, detectedAt, recoveredAt, outOfUseAt, acknowledged } = incident;
  const at = { closed: recoveredAt ?? outOfUseAt, acknowledged: acknowledged?.at }[String(about)] ?? detectedAt;
  return {
    incidentId,
    messageId: [incidentId, about, ...whichOf(incident, about)].join('.'),
    about,
    severity: severityOf(incident),
    ...textOf(incident, about, reader, now),
    at,
    runbook: runbookAt(runbookOf(incident), reader),
    ...defined({ acknowledgeUrl: reader.acknowledgeUrl }),
    details: detailsOf(incident),
  };
}

/** What tells pages of a kind apart that an incident may have several of. */
function whichOf(incident: Incident, about: PageAbout): readonly (string | number)[] {
  if (about === 'opened' || about === 'closed') return [];
  if (about === 'deadline' && isKeys(incident)) return [Date.parse(incident.warnedAt ?? incident.detectedAt)];
  return [stateHash(incident)];
}

function textOf(incident: Incident, about: PageAbout, reader: Reader, now: string): Pick<Page, 'subject' | 'body'> {
  const { title, overTitle, grownTitle } = sentencesOf(incident);
  if (about === 'closed') return { subject: subject(`Over: ${overTitle}`), body: closedBody(incident, reader) };
  if (about === 'grown') return { subject: subject(grownTitle), body: grownBody(incident, reader) };
  if (about === 'deadline' && isKeys(incident)) return deadlineOf(incident, reader, now);
  return { subject: subject(title), body: openedBody(incident, reader) };
}

/** The same incident, and how long its key can still be given back. */
function deadlineOf(incident: KeyIncident, reader: Reader, now: string): Pick<Page, 'subject' | 'body'> {
  const { impact, recoverableUntil = now } = incident;
  const left = durationText(elapsedMs(now, recoverableUntil));
  const what = `${left} until ${ownerOf(impact)} key is deleted`;
  const first = `${what}: it can be given back until ${localTime(reader.timeZone)(recoverableUntil)}.`;
  const body = `${linesOf([first])}\n${openedBody(incident, reader)}`;
  return { subject: subject(`${what}: ${countOf(impact)} lost for good`), body };
}

const runbookOf = (incident: Incident): string =>
  isOperators(incident) ? troubleWording(incident.trouble).runbook : incident.cause;

function detailsOf(incident: Incident): Page['details'] {
  const { detectedAt, acknowledged } = incident;
  return {
    ...(isOperators(incident) ? detailsOfTrouble(incident) : detailsOfKey(incident)),
    detectedAt,
    ...(acknowledged && { acknowledgedBy: acknowledged.by }),
  };
}

const detailsOfTrouble = ({ trouble, subject, keyCount }: OperatorIncident) => ({ trouble, subject, keyCount });

const detailsOfKey = ({
  kmsKeyArn,
  customerId,
  cause,
  party,
  actedBy,
  impact,
  recoverableUntil,
  bitesAt,
}: KeyIncident) => ({
  kmsKeyArn,
  ...(customerId !== undefined && { customerId }),
  cause,
  ...(party !== undefined && { party }),
  ...(actedBy && actDetails(actedBy)),
  customerCount: impact.customerCount,
  dataStoreCount: impact.dataStoreCount,
  ...defined({ recoverableUntil, bitesAt }),
});

/** What pages and `explain` say of an incident: each sentence is written once. @param timeZone The reader’s. */
export const sentencesOf = (incident: Incident, timeZone = 'UTC'): Sentences =>
  isOperators(incident) ? sentencesOfTrouble(incident, timeZone) : sentencesOfKey(incident, timeZone);

function openedBody(incident: Incident, reader: Reader) {
  const { follows, incidentId, acknowledged } = incident;
  const says = sentencesOf(incident, reader.timeZone);
  const isBack = incident.state === 'recovering';
  return linesOf([
    isBack ? `${says.over} It is over once it has stayed so.` : says.happened,
    '',
    ...nextLines(isBack ? ['none, unless it goes away again.'] : says.next),
    `Runbook:    ${runbookAt(runbookOf(incident), reader)}`,
    ...acknowledgeLines(reader),
    ...(acknowledged ? [inHandOf(acknowledged, reader)] : []),
    `Severity:   ${says.severity}`,
    ...(says.whoseAct ? [`Whose act:  ${says.whoseAct}`] : []),
    ...(says.whoActed ? [`Who acted:  ${says.whoActed}`] : []),
    ...(says.lost
      ? ['Lost:       what we need and may no longer do', ...says.lost.map((one) => `            - ${one}`)]
      : []),
    labelled(says.extent, says.stopped),
    ...says.named.map((one) => `            - ${one}`),
    ...(says.outlook?.stops ?? []).map((stop, at) => `${at === 0 ? 'Stops:     ' : '           '} ${stop}`),
    ...(says.outlook?.contract ? [`Contract:   ${says.outlook.contract}`] : []),
    ...(says.outlook?.time ? [`Whose time: ${says.outlook.time}`] : []),
    `Since:      ${says.since}`,
    ...(says.until ? [`Until:      ${says.until}`] : []),
    ...(says.bites ? [`Bites at:   ${says.bites}`] : []),
    labelled(says.about.label, says.about.text),
    `Incident:   ${incidentId}`,
    `            keywright explain ${incidentId}`,
    `            keywright ack ${incidentId} --note "who does what"`,
    ...(follows ? [`Follows:    ${follows}, which is over: what is wrong with the key is now another matter.`] : []),
  ]);
}

const inHandOf = ({ by, at, note }: NonNullable<Incident['acknowledged']>, { timeZone }: Reader) =>
  `In hand of: ${by} since ${localTime(timeZone)(at)}: ${note}`;

function grownBody(incident: Incident, reader: Reader) {
  const { incidentId } = incident;
  const { happened, next, others } = sentencesOf(incident, reader.timeZone);
  return linesOf([
    `${happened} The same has happened to other keys since:`,
    ...others.map((one) => `            - ${one}`),
    '',
    `Next step:  ${next[0]}`,
    '            You are paged for all of them together, and told once when all of them are over.',
    `Runbook:    ${runbookAt(runbookOf(incident), reader)}`,
    ...acknowledgeLines(reader),
    `Incident:   ${incidentId}`,
    `            keywright incident ${incidentId}`,
  ]);
}

function closedBody(incident: Incident, reader: Reader) {
  const { acknowledged, detectedAt, incidentId, follows } = incident;
  const says = sentencesOf(incident, reader.timeZone);
  return linesOf([
    says.over,
    '',
    'Next step:  none.',
    labelled(says.lasted, `from ${localTime(reader.timeZone)(detectedAt)}`),
    ...(acknowledged ? [inHandOf(acknowledged, reader)] : []),
    labelled(says.about.label, says.about.text),
    ...(says.others.length > 0 ? ['With it:    all that happened to other keys since is over as well:'] : []),
    ...says.others.map((one) => `            - ${one}`),
    `Incident:   ${incidentId}`,
    ...(follows ? [`Follows:    ${follows}, which is over as well.`] : []),
  ]);
}
