/** `keywright status`: whether anything is wrong, on one screen and as an exit code. */
import type { ProductStatus, UnavailableKey } from '../../shared/domain/api/show-status';
import type { OperatorIncidentSummary } from '../../shared/domain/availability/incidents/incident-summary';
import { utc } from '../../shared/domain/instants';
import { many, severityText } from '../incidents/report';
import { availabilityText, storesText } from '../keys/command';
import { operatorCommand, withApi } from '../operate/command';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';
import { burntText } from '../sla/report';

const EXAMPLES = `
$ keywright status
$ keywright status --json > status.json || notify-someone`;

const UNHEALTHY =
  'something is wrong: an open incident, late work, a key that is not seen, a parked job, a failing channel, a disabled subscription';

export const statusCommand = () =>
  operatorCommand('status', 'show whether every key is available and watched', EXAMPLES, UNHEALTHY)
    .addHelpText('after', `\n${NOT_SEEN}`)
    .action(
      withApi(async ({ api, print }) => {
        const status = await api.call<ProductStatus>('show-status', {});
        print(status, () => showStatus(status));
        if (!status.healthy) process.exitCode = 1;
      }),
    );

const NOT_SEEN = wrapped('Messages that a function parked are not counted: each dead-letter queue has its alarm.');

/** How many of each kind are shown, so that all of it fits a screen; the API names more. */
const SHOWN_MAX = 3;
const LATE_SHOWN_MAX = 2;

/** The status as a person reads it. */
export function showStatus({ at, healthy, openIncidents, troubles, keys, ...late }: ProductStatus): string {
  const { latePages, lateProbes, unseenKeys, lateWork, parkedJobs } = late;
  const { failingChannels, disabledSubscriptions, ignoredSenders, drills } = late;
  const shown = keys.slice(0, SHOWN_MAX);
  const ours = troubles.slice(0, SHOWN_MAX);
  const others = openIncidents.count - shown.length - ours.length;
  return [
    `${healthy ? colours.green('healthy') : colours.red('NOT healthy')} at ${utc(at)}`,
    '',
    counted('Open incidents', openIncidents, countsOf(openIncidents)),
    ...ours.map(troubleLine),
    ...shown.map(keyText),
    ...(others > 0 ? [`  and ${many(others, 'incident')} more: keywright incidents`] : []),
    counted('Late pages', latePages),
    ...latePages.first
      .slice(0, LATE_SHOWN_MAX)
      .map(({ incidentId, owedSince }) => `  ${incidentId} owed since ${utc(owedSince)}`),
    counted('Late probes', lateProbes),
    ...lateProbes.first.slice(0, 1).map(({ kmsKeyArn, dueAt }) => `  ${kmsKeyArn}\n    due since ${utc(dueAt)}`),
    counted('Keys unseen', unseenKeys),
    ...unseenKeys.first
      .slice(0, 1)
      .map(({ kmsKeyArn, evidence }) => `  ${kmsKeyArn}\n${wrapped(printable(evidence), '    ')}`),
    counted('Late work', lateWork),
    ...lateWork.first
      .slice(0, 1)
      .map(({ what, id, dueAt }) => wrapped(printable(`${what} ${id}, due since ${utc(dueAt)}`), '  ')),
    counted('Parked jobs', parkedJobs),
    ...parkedJobs.first
      .slice(0, LATE_SHOWN_MAX)
      .map(({ jobId, parkedBy = 'no reason recorded' }) => wrapped(printable(parkedBy), `  ${jobId}: `)),
    counted('Channels down', failingChannels, 'keywright channel list'),
    ...failingChannels.first
      .slice(0, 1)
      .map(({ owner, channel, since }) => `  ${channel} of ${printable(owner)} since ${utc(since)}`),
    ...(ignoredSenders.count === 0 ? [] : [counted('Left out', ignoredSenders, 'what other accounts send')]),
    ...ignoredSenders.first
      .slice(0, LATE_SHOWN_MAX)
      .map(({ accountId, since, reason }) => wrapped(printable(`${accountId}: ${reason}, since ${utc(since)}`), '  ')),
    wrapped(counted('Streams down', disabledSubscriptions, showFirst(disabledSubscriptions))),
    ...drills.map(({ drillId, cause }) => `Drill running:  ${cause}, keywright drill show ${drillId}`),
  ].join('\n');
}

const showFirst = ({ first: [one] }: ProductStatus['disabledSubscriptions']): string =>
  one === undefined ? '' : printable(`keywright subscriptions show ${one.customerId} ${one.name}`);

const countsOf = ({ critical, warning, info }: ProductStatus['openIncidents']): string =>
  `${critical} critical, ${warning} warning${info === 0 ? '' : `, ${info} info`}`;

const troubleLine = ({ trouble, subject, severity, incidentId }: OperatorIncidentSummary): string =>
  [
    wrapped(`${severityText(severity)}: ${trouble}, ${printable(subject)}`, '  '),
    `    keywright explain ${incidentId}`,
  ].join('\n');

function counted(
  title: string,
  { count, more }: { readonly count: number; readonly more: boolean },
  rest = '',
): string {
  const name = `${title}:`.padEnd(15);
  if (count === 0) return `${name} none${more ? ' among those that were read' : ''}`;
  return `${name} ${count}${more ? ' or more' : ''}${rest === '' ? '' : ` (${rest})`}`;
}

const keyText = ({
  kmsKeyArn,
  severity,
  customerId,
  acknowledgedBy,
  incidentId,
  unavailableStores,
  budget,
  ...is
}: UnavailableKey): string =>
  [
    `  ${kmsKeyArn}`,
    wrapped(
      `${severityText(severity)}, ${customerId === undefined ? 'shared' : `of ${printable(customerId)}`}`,
      '    ',
    ),
    wrapped(availabilityText(is), '    '),
    ...storesText(unavailableStores, '    '),
    ...(budget === undefined ? [] : [wrapped(burntText(budget), '    ')]),
    ...(acknowledgedBy === undefined ? [] : [wrapped(`in hand of ${printable(acknowledgedBy)}`, '    ')]),
    `    keywright explain ${incidentId}`,
  ].join('\n');
