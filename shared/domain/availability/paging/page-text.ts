/** What a page says: what happened, whom it stops, until when it can be undone, and the next step. Plain words first. */
import type { Party } from '../../../../events/fields';
import { durationText } from '../../duration-text';
import { elapsedMs } from '../../instants';
import type { RetirementStop } from '../../retirement/retirement';
import {
  type Impact,
  type Incident,
  isDrill,
  isKeys,
  isOperators,
  type KeyIncident,
  type OperatorIncident,
} from '../incidents/incident';
import { outlookInWords } from '../incidents/loss-outlook';
import { isAtStake, severityOf, weightOf } from '../incidents/severity';
import { troubleWording } from '../incidents/trouble';
import { faultInWords } from '../policy/loss-in-words';
import { consequenceOf } from '../policy/needed-actions';
import type { Cause, LostAction } from '../verdict';
import { type EarlyWarning, wordingOfWarning } from '../warnings/early-warning';
import { cutText } from './cut-text';
import { localTime } from './local-time';
import type { Page, PageAbout } from './page';
import { stateHash } from './plan-pages';
import type { Sentences } from './sentences';
import { sentencesOfTrouble } from './trouble-text';

interface Wording {
  /** Completes "Acme Corp's key …". */
  readonly happened: string;
  /** The next step, for somebody who has just woken up, each command on a line of its own. `KEY` stands for the key's ARN. */
  readonly next: string;
}

const NOTHING_OF_OURS = 'Nothing of ours needs a restart: Keywright notices the key’s return by itself and tells you.';

const WORDING: Record<Cause, Wording> = {
  'key-disabled': {
    happened: 'was disabled',
    next: `Ask the key’s owner to enable it:\naws kms enable-key --key-id KEY\n${NOTHING_OF_OURS}`,
  },
  'key-pending-deletion': {
    happened: 'is scheduled for deletion',
    next: `Ask the key’s owner to call the deletion off and to enable the key, which comes back disabled:\naws kms cancel-key-deletion --key-id KEY\naws kms enable-key --key-id KEY\n${NOTHING_OF_OURS}`,
  },
  'key-deleted': {
    happened: 'no longer exists',
    next: 'Find out with the key’s owner whether this was meant. Data protected by this key alone cannot be read again.',
  },
  'key-material-missing': {
    happened: 'lost its imported key material',
    next: `Ask the key’s owner to import the same key material again.\n${NOTHING_OF_OURS}`,
  },
  'key-material-expired': {
    happened: 'lost its imported key material: its time is over',
    next: `Ask the key’s owner to import the same key material again, with a later date or none.\n${NOTHING_OF_OURS}`,
  },
  'key-material-deleted': {
    happened: 'lost its imported key material: it was deleted',
    next: `Ask the key’s owner whether this was meant, and to import the same key material again.\n${NOTHING_OF_OURS}`,
  },
  'key-material-expiring': {
    happened: 'serves, but its imported key material expires within a day',
    next: 'Ask the key’s owner to import the same key material again before, with a later date or none.',
  },
  'key-policy': {
    happened: 'no longer lets us use it: its policy or a grant changed',
    next: `Ask the key’s owner to restore our statement in the key policy, as the onboarding kit has it.\n${NOTHING_OF_OURS}`,
  },
  'grant-gone': {
    happened: 'no longer lets us use it: the grant that allowed it is gone',
    next: `Ask the key’s owner to grant it again, or to put our statement into the key policy, as the onboarding kit has it.\n${NOTHING_OF_OURS}`,
  },
  'context-refused': {
    happened: 'no longer lets us use it: its policy asks for another encryption context than ours',
    next: `Ask the key’s owner to restore the condition of our statement in the key policy, as the onboarding kit has it.\n${NOTHING_OF_OURS}`,
  },
  'role-refused': {
    happened: 'is out of reach: the role in the customer’s account does not let us in',
    next: `If nobody changed a policy of our own: ask the customer to restore the role and its trust policy, external id included.\n${NOTHING_OF_OURS}`,
  },
  'role-permissions': {
    happened: 'is out of reach: the role in the customer’s account may no longer use it',
    next: `Ask the customer to restore the permissions of the role that they opened to us, as the onboarding kit has them.\n${NOTHING_OF_OURS}`,
  },
  'customer-scp': {
    happened:
      'is out of reach: a service control policy of the customer’s organisation refuses the role that they opened to us',
    next: `Ask the customer to let that role use the key in their service control policies.\n${NOTHING_OF_OURS}`,
  },
  'customer-rcp': {
    happened: 'is out of reach: a resource control policy of the customer’s organisation refuses us',
    next: `Ask the customer to let us through in their resource control policies.\n${NOTHING_OF_OURS}`,
  },
  'access-denied': {
    happened: 'refuses us, and AWS does not say by whose policy',
    next: `Look at our last deployment, and at our service control and VPC endpoint policies. If nobody changed them: ask the key’s owner about the key policy, grants and roles.\n${NOTHING_OF_OURS}`,
  },
  'partial-loss': {
    happened: 'serves, but refuses part of what we need, and AWS does not say by whose policy',
    next: `Look at our last deployment first. If nobody changed a policy of ours: ask the key’s owner about the key policy, grants and roles, for what is named below.\n${NOTHING_OF_OURS}`,
  },
  'alias-moved': {
    happened: 'serves, but its alias points at another key',
    next: 'Ask the key’s owner whether they mean to replace the key. If so, it is a rotation:\nkeywright rotate KEY',
  },
  'wrong-region-or-account': {
    happened: 'is not where we were told that it is: KMS knows no such key in that region and account',
    next: 'Compare the ARN that is registered with the key’s owner. Register the key again if it is wrong.',
  },
  'key-store-unavailable': {
    happened: 'is out of reach: its key store is disconnected',
    next: `Ask the key’s owner to connect the key store.\n${NOTHING_OF_OURS}`,
  },
  'own-permissions': {
    happened: 'is refused to us by a policy of our own: we cannot look at it, and applications may be refused as well',
    next: `Look at our last deployment, and at the policy that is named below: a permission of ours is missing or denied.\n${NOTHING_OF_OURS}`,
  },
  'own-scp': {
    happened:
      'is refused to us by a service control policy of our own organisation: we cannot look at it, and applications may be refused as well',
    next: `Look at what changed in our service control policies, and take it back.\n${NOTHING_OF_OURS}`,
  },
  'own-endpoint-policy': {
    happened:
      'is refused to us by the policy of a VPC endpoint of ours: we cannot look at it, and applications may be refused as well',
    next: `Look at what changed in the policy of our KMS and STS endpoints, and take it back.\n${NOTHING_OF_OURS}`,
  },
  'kms-outage': { happened: 'is out of reach: KMS does not answer', next: 'Look at the AWS health dashboard.' },
  'sts-outage': { happened: 'is out of reach: STS does not answer', next: 'Look at the AWS health dashboard.' },
  network: {
    happened: 'is out of reach: no answer of KMS reaches us',
    next: 'Look at our network first: name resolution, routes and VPC endpoints of KMS. Then at the AWS health dashboard.',
  },
  throttled: { happened: 'is throttled', next: 'Look at what uses up the KMS request quota.' },
  unconfirmed: { happened: 'does not work, for a reason we cannot tell', next: 'Look at the log of assess-key.' },
};

/** What to do about a key that we hold ourselves, where the customer would be asked otherwise. */
const OUR_KEY_NEXT: Readonly<Partial<Record<Cause, string>>> = {
  'key-disabled': `Find out who disabled it (DisableKey in CloudTrail) and whether it was meant. If not, enable it:\naws kms enable-key --key-id KEY\n${NOTHING_OF_OURS}`,
  'key-pending-deletion': `Call the deletion off, and enable the key, which comes back disabled:\naws kms cancel-key-deletion --key-id KEY\naws kms enable-key --key-id KEY\nScheduleKeyDeletion in CloudTrail says who asked for it.\n${NOTHING_OF_OURS}`,
  'key-deleted':
    'Find out who deleted it (ScheduleKeyDeletion in CloudTrail). Data protected by this key alone cannot be read again.',
  'key-material-missing': `Import the same key material again.\n${NOTHING_OF_OURS}`,
  'key-material-expired': `Import the same key material again, with a later date or none.\n${NOTHING_OF_OURS}`,
  'key-material-deleted': `Find out who deleted it (DeleteImportedKeyMaterial in CloudTrail), and import the same key material again.\n${NOTHING_OF_OURS}`,
  'key-material-expiring': 'Import the same key material again before, with a later date or none.',
  'key-policy': `Find out who changed its policy or its grants (PutKeyPolicy and RevokeGrant in CloudTrail), and put our statement back.\n${NOTHING_OF_OURS}`,
  'grant-gone': `Find out who took the grant (RevokeGrant and RetireGrant in CloudTrail), and grant it again.\n${NOTHING_OF_OURS}`,
  'context-refused': `Find out who changed its policy (PutKeyPolicy in CloudTrail), and put the condition of our statement back.\n${NOTHING_OF_OURS}`,
  'alias-moved':
    'Find out who moved it (UpdateAlias in CloudTrail). Move it back, or rotate the key:\nkeywright rotate KEY',
  'wrong-region-or-account':
    'Compare the ARN that is registered with the key, and register the key again if it is wrong.',
  'key-store-unavailable': `Connect its key store again.\n${NOTHING_OF_OURS}`,
};

/** Of a key that still serves, by whose policy it is. */
const LOSING = 'serves, but its policy no longer allows all that we need';
const LOSS_WORDING: Record<'customer' | 'provider', Wording> = {
  customer: {
    happened: LOSING,
    next: `Ask the key’s owner to restore our statement in the key policy, as the onboarding kit has it, for what is named below.\n${NOTHING_OF_OURS}`,
  },
  provider: {
    happened: LOSING,
    next: `Find out who changed the policy of our key (PutKeyPolicy in CloudTrail), and put back what is named below.\n${NOTHING_OF_OURS}`,
  },
};

/** Of what is lost in part the cause says what to do; that the key serves is said whatever the cause. */
function wordingOf({ cause, party, lost }: Pick<KeyIncident, 'cause' | 'party' | 'lost'>): Wording {
  if (!lost) return causeWording(cause, party);
  if (cause === 'key-policy') return LOSS_WORDING[party === 'provider' ? 'provider' : 'customer'];
  return { ...causeWording(cause, party), happened: 'serves, but we may no longer do all that we need' };
}

/** Completes “The key …”. */
export const happenedTo = (incident: KeyIncident): string => wordingOf(incident).happened;

/** A cause that only a newer build knows is told as one that we cannot tell: its page is sent. */
function causeWording(cause: Cause, party: Party | undefined): Wording {
  const { happened, next } = (WORDING as Partial<typeof WORDING>)[cause] ?? WORDING.unconfirmed;
  return { happened, next: (party === 'provider' && OUR_KEY_NEXT[cause]) || next };
}

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

/** For whom a page is written. */
export interface Reader {
  /** A name of the IANA time zone database. */
  readonly timeZone: string;
  /** Where the runbooks are: a URL, or a path in the repository. */
  readonly runbooks: string;
}

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

/** `docs/runbooks/key-disabled.md`: one page a cause, and one for each alarm and each trouble of our own. */
export const runbookAt = (name: string, { runbooks }: Pick<Reader, 'runbooks'>): string => `${runbooks}/${name}.md`;

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

const detailsOfKey = ({ kmsKeyArn, customerId, cause, party, impact, recoverableUntil }: KeyIncident) => ({
  kmsKeyArn,
  ...(customerId !== undefined && { customerId }),
  cause,
  ...(party !== undefined && { party }),
  customerCount: impact.customerCount,
  dataStoreCount: impact.dataStoreCount,
  ...(recoverableUntil !== undefined && { recoverableUntil }),
});

/** The page about what may take a key away soon. @param now From when the time that is left is counted. */
export function warningPage(
  { warningId, kind, kmsKeyArn, customerId, says, deadline, at, pagedAt }: EarlyWarning,
  reader: Reader,
  now: string,
): Page {
  const { whose: keyOf, happened, next, runbook: ownRunbook = kind } = wordingOfWarning(kind);
  const runbook = runbookAt(ownRunbook, reader);
  const whose = keyOf ?? (customerId === undefined ? 'A KMS key that customers share' : `The KMS key of ${customerId}`);
  const left = deadline === undefined ? '' : `${durationText(elapsedMs(now, deadline))} left: `;
  const body = linesOf([
    `${whose} ${happened}. It still serves.`,
    '',
    ...nextLines(next.replaceAll('KEY', kmsKeyArn).split('\n')),
    `Runbook:    ${runbook}`,
    'Severity:   warning',
    `What:       ${says}`,
    ...(deadline === undefined ? [] : [`Until:      ${localTime(reader.timeZone)(deadline)}`]),
    'At stake:',
    `            keywright impact ${kmsKeyArn}`,
    `Key:        ${kmsKeyArn}`,
  ]);
  return {
    incidentId: warningId,
    messageId: [warningId, Date.parse(pagedAt ?? at)].join('.'),
    about: 'opened',
    severity: 'warning',
    subject: subject(`${left}${whose} ${happened}`),
    body,
    at,
    runbook,
    details: { kmsKeyArn, cause: kind, ...(deadline !== undefined && { deadline }) },
  };
}

/** The page about a retirement that stopped by itself. */
export function stoppedPage({ stopId, at, kmsKeyArn, reason }: RetirementStop, reader: Reader): Page {
  const runbook = runbookAt('retirement-stopped', reader);
  const body = linesOf([
    'The retirement of a KMS key stopped: it is not deleted, and goes no further until a person says so.',
    '',
    'Next step:  find out who still uses the key. If they need it, put it back into use:',
    `            keywright retire undo ${kmsKeyArn} disable --reason "who needs it"`,
    '            If nobody does, let it go on:',
    `            keywright retire start ${kmsKeyArn}`,
    `Runbook:    ${runbook}`,
    `Why:        ${reason}`,
    `Since:      ${localTime(reader.timeZone)(at)}`,
    `Key:        ${kmsKeyArn}`,
  ]);
  return {
    incidentId: stopId,
    messageId: `${stopId}.opened`,
    about: 'opened',
    severity: 'warning',
    subject: subject('A retired KMS key is still used, or was changed in KMS'),
    body,
    at,
    runbook,
    details: { kmsKeyArn, cause: 'retirement-stopped' },
  };
}

/**
 * SNS takes subjects of less than 100 ASCII characters, the first of them no space, and 256 KB in all: some 60 lines of so
 * many characters, however many bytes each has. Whatever else a name may hold keeps no page. Source: SNS API reference, Publish.
 */
const SUBJECT_MAX = 99;
const LINE_MAX = 1_000;

/** Characters that are none: controls, line ends and what turns text around among them. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Lines of text, each of them bounded, without a character that is none. */
export const linesOf = (lines: readonly string[]): string =>
  lines.map((line) => cutText(line.replace(UNPRINTABLE, '?'), LINE_MAX)).join('\n');

/** What SNS takes as a subject: of other text the part that it takes. */
export function subject(text: string): string {
  const ascii = text
    .replaceAll('’', "'")
    .normalize('NFKD')
    .replace(/[^ -~]/g, '')
    .trim();
  return cutText(ascii, SUBJECT_MAX);
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

const backAs = (lost: KeyIncident['lost']): string => (lost ? 'allows all that we need again' : 'is available again');

const lostInWords = (lost: LostAction) => `${lost.action}: ${consequenceOf(lost.action)}; ${faultInWords(lost)}`;

/** What pages and `explain` say of an incident: each sentence is written once. @param timeZone The reader’s. */
export const sentencesOf = (incident: Incident, timeZone = 'UTC'): Sentences =>
  isOperators(incident) ? sentencesOfTrouble(incident, timeZone) : sentencesOfKey(incident, timeZone);

function sentencesOfKey(incident: KeyIncident, timeZone: string): Sentences {
  const when = localTime(timeZone);
  const { impact, party, lost, evidence, recoverableUntil, recoveredAt, outOfUseAt, detectedAt, kmsKeyArn } = incident;
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
    lost: lost?.map(lostInWords),
    extent: isAtStake(incident) ? 'At stake' : 'Stopped',
    stopped: `${countOf(impact)} of ${customersOf(impact)}`,
    named: impact.dataStores.map(
      ({ customerId, dataStoreId, capabilities }) => `${customerId}/${dataStoreId}: ${capabilities.join(', ')}`,
    ),
    since: `${when(incident.signalledAt)}, confirmed by our own call at ${when(detectedAt)}: ${evidence}`,
    until: recoverableUntil && `${when(recoverableUntil)}. After that the data is lost for good.`,
    about: { label: 'Key', text: kmsKeyArn },
    lasted: lost ? 'At risk' : 'Was away',
    over: outOfUseAt
      ? `${ownerOf(impact)} KMS key did not come back: we took it out of use ourselves at ${when(outOfUseAt)}, since nothing needs it.`
      : `${ownerOf(impact)} KMS key ${backAs(lost)} since ${when(recoveredAt ?? detectedAt)}, confirmed by our own call.`,
  };
}

function openedBody(incident: Incident, reader: Reader) {
  const { follows, incidentId, acknowledged } = incident;
  const says = sentencesOf(incident, reader.timeZone);
  const isBack = incident.state === 'recovering';
  return linesOf([
    isBack ? `${says.over} It is over once it has stayed so.` : says.happened,
    '',
    ...nextLines(isBack ? ['none, unless it goes away again.'] : says.next),
    `Runbook:    ${runbookAt(runbookOf(incident), reader)}`,
    ...(acknowledged ? [inHandOf(acknowledged, reader)] : []),
    `Severity:   ${says.severity}`,
    ...(says.whoseAct ? [`Whose act:  ${says.whoseAct}`] : []),
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
    labelled(says.about.label, says.about.text),
    `Incident:   ${incidentId}`,
    `            keywright explain ${incidentId}`,
    `            keywright ack ${incidentId} --note "who does what"`,
    ...(follows ? [`Follows:    ${follows}, which is over: what is wrong with the key is now another matter.`] : []),
  ]);
}

/** A command stands on a line of its own, to be copied as a whole. */
const nextLines = ([first = '', ...besides]: readonly string[]): readonly string[] => [
  `Next step:  ${first}`,
  ...besides.map((line) => `            ${line}`),
];

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

const labelled = (label: string, text: string): string => `${`${label}:`.padEnd(12)}${text}`;

const ownerOf = (impact: Impact) => {
  const [first] = impact.customers;
  if (impact.isPartial && !first) return 'A shared';
  return impact.customerCount === 1 && first ? `${first.name}’s` : `${impact.customerCount} customers’ shared`;
};

const countOf = ({ dataStoreCount, isPartial }: Impact) =>
  `${isPartial ? 'at least ' : ''}${dataStoreCount} data store${dataStoreCount === 1 ? '' : 's'}`;

const customersOf = (impact: Impact) =>
  (impact.isPartial && impact.customers.length === 0 ? 'customers who could not be looked up' : '') +
  impact.customers.map((customer) => customer.name).join(', ') +
  (impact.customerCount > impact.customers.length ? ` and ${impact.customerCount - impact.customers.length} more` : '');
