/** Incidents as a person reads them, in lines of 80 columns. */
import type { IncidentPage } from '../../shared/domain/api/list-incidents';
import type { IncidentShown, ShownIncident } from '../../shared/domain/api/show-incident';
import type { AffectedStore } from '../../shared/domain/availability/incidents/affected-stores';
import type { Explanation } from '../../shared/domain/availability/incidents/explain-incident';
import type { Impact } from '../../shared/domain/availability/incidents/incident';
import type { IncidentSummary } from '../../shared/domain/availability/incidents/incident-summary';
import type { TimelineEntry } from '../../shared/domain/availability/incidents/incident-timeline';
import type { Severity } from '../../shared/domain/availability/incidents/severity-level';
import { actorInWords } from '../../shared/domain/availability/key-acts';
import { elapsedMs, utc } from '../../shared/domain/instants';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { grouped } from '../output/table';
import { wrapped } from '../output/wrapped';

const PAINT: Readonly<Record<Severity, (text: string) => string>> = {
  critical: colours.red,
  warning: colours.yellow,
  info: colours.green,
};

/** `critical`, in its colour. */
export const severityText = (severity: Severity): string => PAINT[severity](severity);

export function showIncidents({ incidents, next, more }: IncidentPage): string {
  if (incidents.length === 0) return 'No incident. What is over is listed with --all and --key or --customer.';
  return [
    ...incidents.map(lineOf),
    ...(next === undefined ? [] : [`There are more: add --after ${next}`]),
    ...(more ? ['Not all were read. Name a key or a customer.'] : []),
  ].join('\n\n');
}

function lineOf(one: IncidentSummary): string {
  const { incidentId, state, severity, detectedAt } = one;
  const when = `since ${utc(detectedAt)}`;
  const { what, extent } = aboutOf(one);
  const has =
    one.acknowledgedBy === undefined ? 'nobody has it in hand' : `in hand of ${printable(one.acknowledgedBy)}`;
  const rest = [...extent, ...(state === 'closed' ? [] : [has])];
  return [
    state !== 'closed'
      ? `${severityText(severity)} ${when}${state === 'recovering' ? ', recovering' : ''}`
      : `over, ${when}${one.endedAt ? ` until ${utc(one.endedAt)}` : ''}`,
    wrapped(what, '  '),
    ...(rest.length === 0 ? [] : [wrapped(rest.join('; '), '  ')]),
    `  keywright explain ${incidentId}`,
  ].join('\n');
}

/** What an incident of each kind is about, in two lines. */
function aboutOf(one: IncidentSummary): { readonly what: string; readonly extent: readonly string[] } {
  if (one.kind === 'operator')
    return {
      what: `${one.trouble} (ours), ${printable(one.subject)}`,
      extent: one.keyCount === 0 ? [] : [many(one.keyCount, 'key')],
    };
  const { cause, party, customerId, customerCount, dataStoreCount, memberCount = 0, drillId } = one;
  if (drillId !== undefined) return { what: `${cause}, a drill`, extent: [`keywright drill show ${drillId}`] };
  const whose = customerId === undefined ? many(customerCount, 'customer') : printable(customerId);
  return {
    what: `${cause}${party === undefined ? '' : ` (${party})`}`,
    extent: [
      `${many(dataStoreCount, 'data store')} of ${whose}`,
      ...(memberCount === 0 ? [] : [`${many(memberCount, 'key')} more`]),
    ],
  };
}

/** `1 data store`, `3 data stores` */
export const many = (count: number, what: string): string => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;

export function showIncident({ incident, timeline }: IncidentShown): string {
  const { incidentId, state, severity, follows, followedBy } = incident;
  const first = timeline[0]?.at ?? incident.signalledAt;
  return [
    `Incident ${incidentId}: ${state}, ${severityText(severity)}`,
    '',
    ...fieldsOf(incident),
    ...(follows === undefined ? [] : [field('Follows', follows)]),
    ...(followedBy === undefined ? [] : [field('Followed', `by ${followedBy}`)]),
    '',
    ...timeline.map((entry) => momentText(entry, first)),
    '',
    `What to do: keywright explain ${incidentId}`,
  ].join('\n');
}

/** What a person did is told below the line: their name alone may fill one. */
function momentText({ at, what, by, says }: TimelineEntry, first: string): string {
  const when = `${utc(at)}  ${offset(elapsedMs(first, at))}  `;
  if (by === undefined) return wrapped(`${what}: ${printable(says)}`, when);
  return `${when}${what}\n${wrapped(`${printable(by)}: ${printable(says)}`, '    ')}`;
}

const BY = { customer: 'the customer', provider: 'us', unknown: 'nobody knows whom' } as const;

/** How far a cause is known. */
const KNOWN = {
  confirmed: 'confirmed: AWS says so.',
  likely: 'likely: it follows from what we read besides what AWS says.',
  unknown: 'unknown: AWS does not tell, and nothing that we may read does.',
} as const;

const field = (name: string, value: string): string => wrapped(value, `${`${name}:`.padEnd(10)} `);

function fieldsOf(incident: ShownIncident): readonly string[] {
  const evidence = field('Evidence', printable(incident.evidence));
  if (incident.kind === 'operator') {
    const { trouble, subject, keyCount, kmsKeyArns } = incident;
    const keys = keyCount === 0 ? [] : [field('Keys', grouped(keyCount)), ...kmsKeyArns.map((arn) => `  ${arn}`)];
    return [field('Trouble', `${trouble}, ours`), field('Subject', printable(subject)), evidence, ...keys];
  }
  const { kmsKeyArn, cause, party, actedBy, confidence, impact, recoverableUntil, bitesAt, partOf, members } = incident;
  return [
    field('Key', kmsKeyArn),
    field('Cause', `${cause}, ${party === undefined ? 'by whom is not recorded' : `by ${BY[party]}`}`),
    ...(actedBy === undefined ? [] : [field('Acted', printable(actorInWords(actedBy, incident)))]),
    ...(confidence === undefined ? [] : [field('Known', KNOWN[confidence])]),
    evidence,
    field('Impact', impactText(impact)),
    ...(recoverableUntil === undefined ? [] : [field('Deadline', utc(recoverableUntil))]),
    ...(bitesAt === undefined ? [] : [field('Bites at', utc(bitesAt))]),
    ...(partOf === undefined ? [] : [field('Part of', partOf)]),
    ...(members === undefined ? [] : [field('Storm', `${many(members.count, 'key')} more`)]),
    ...(members?.kmsKeyArns ?? []).map((arn) => `  ${arn}`),
  ];
}

function impactText(impact: Impact): string {
  const named = impact.customers.map(({ name }) => printable(name));
  const others = impact.customerCount - named.length;
  const customers = [...named, ...(others > 0 ? [`${grouped(others)} more`] : [])].join(', ');
  return `${many(impact.dataStoreCount, 'data store')}${customers === '' ? '' : ` of ${customers}`}`;
}

/** How long after the first sign: `   +17 s`. */
function offset(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const text = seconds < 600 ? `+${seconds} s` : `+${Math.round(seconds / 60)} min`;
  return text.padStart(9);
}

export function showExplanation(explanation: Explanation): string {
  const isOpen = explanation.state === 'open';
  const { incidentId, severity, state, happened, whoseAct, confidence, evidence, acknowledged, over, followedBy } =
    explanation;
  return [
    `Incident ${incidentId}: ${state}, ${severityText(severity)}`,
    paragraph('What happened', over === undefined ? [happened] : [happened, over]),
    paragraph('Whose act', [
      whoseAct ?? 'not recorded.',
      ...(explanation.whoActed === undefined ? [] : [`Who acted: ${explanation.whoActed}.`]),
      ...(confidence === undefined ? [] : [`The cause is ${KNOWN[confidence]}`]),
      `Since ${evidence}`,
    ]),
    ...(explanation.lost === undefined
      ? []
      : [paragraph(isOpen ? 'What we need and may no longer do' : 'What we needed and was refused', explanation.lost)]),
    [
      paragraph(isOpen ? 'What it does' : 'What it did', [
        explanation.stopped,
        ...explanation.stops,
        ...contractOf(explanation),
      ]),
      ...explanation.dataStores.map((store) =>
        isOpen ? storeText(store, '  - ') : wrapped(printable(storeName(store)), '  - '),
      ),
      ...(explanation.kmsKeyArns ?? []).map((arn) => `  - ${arn}`),
    ].join('\n'),
    ...(explanation.bites === undefined ? [] : [paragraph('Bites at', [explanation.bites])]),
    ...(explanation.until === undefined ? [] : [paragraph('Until', [explanation.until])]),
    ...(acknowledged
      ? [paragraph('In hand of', [`${acknowledged.by} since ${utc(acknowledged.at)}: ${acknowledged.note}`])]
      : []),
    ...(followedBy === undefined
      ? []
      : [paragraph('Followed', [`by ${followedBy}: what is wrong with the key is now another matter.`])]),
    ...(explanation.next.length === 0 ? [] : [paragraph('What to do', explanation.next)]),
    ...(explanation.runbook === undefined ? [] : [paragraph('Runbook', [`docs/runbooks/${explanation.runbook}.md`])]),
    ['Commands', ...explanation.commands.map((command) => `  ${command}`)].join('\n'),
  ].join('\n\n');
}

function contractOf({ contract, whoseTime, because, severity, state }: Explanation): readonly string[] {
  const isOpen = state === 'open';
  return [
    ...(contract === undefined ? [] : [`${isOpen ? 'Contract' : 'When it was found, the contract'} of ${contract}.`]),
    ...(whoseTime === undefined ? [] : [`${isOpen ? 'This' : 'That'} time is ${whoseTime}.`]),
    `${severity}${isOpen ? '' : ' while it lasted'}, since ${because}.`,
  ];
}

const paragraph = (title: string, sentences: readonly string[]): string =>
  [colours.bold(title), ...sentences.map((sentence) => sentenceText(printable(sentence)))].join('\n');

const COMMAND = /^(?:aws|keywright) /;

/** A command stays whole, to be copied. */
const sentenceText = (sentence: string): string =>
  COMMAND.test(sentence) ? `    ${sentence}` : wrapped(sentence, '  ');

const storeName = ({ customerId, dataStoreId, kind, capabilities }: AffectedStore): string =>
  `${customerId}/${dataStoreId}${kind === undefined ? '' : ` (${kind})`}: ${capabilities.join(', ') || 'nothing that customers see'}.`;

/** A data store, what is lost with it, what becomes of it and when. @param first What its first line begins with. */
export function storeText(store: AffectedStore, first: string): string {
  const { without, degraded, back } = store;
  const before = degraded === undefined ? '' : ` Before that: ${degraded}`;
  const after = back === undefined ? '' : ` Once the key is back: ${back}`;
  return [
    wrapped(printable(`${storeName(store)} ${without}${before}${after}`), first),
    wrapped(stagesText(store), ' '.repeat(first.length)),
  ].join('\n');
}

const STOPS = {
  known: '',
  unpublished: 'stops at a time that is not published',
  'next-use': 'does not stop by itself',
};

function stagesText({ stops, stopsAt, lostAt, lossIsUnpublished, recoverableUntil }: AffectedStore): string {
  return [
    stopsAt === undefined ? STOPS[stops] : `works until ${utc(stopsAt)}`,
    ...(lostAt === undefined ? [] : [`lost at ${utc(lostAt)}`]),
    ...(lossIsUnpublished ? ['lost at a time that is not published'] : []),
    recoverableUntil === undefined
      ? 'comes back with its key'
      : `comes back with its key until ${utc(recoverableUntil)}`,
  ].join('; ');
}

/** Who has it in hand; and that a second note is not kept, where the first is another. @param note What was said just now. */
export function showAcknowledged({ incidentId, acknowledged }: ShownIncident, note: string): string {
  const has = `${printable(acknowledged?.by ?? 'Somebody')} has incident ${incidentId} in hand.`;
  if (acknowledged === undefined || acknowledged.note === note) return wrapped(has);
  const first = `You said so at ${utc(acknowledged.at)}, and that note stands: ${acknowledged.note}`;
  return [
    wrapped(has),
    wrapped(printable(first)),
    'The new note was NOT kept: tell it to whoever is on the call.',
  ].join('\n');
}
