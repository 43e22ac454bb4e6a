/** Service levels and their budgets as a person reads them, in lines of 80 columns. */
import type { ServiceLevelPage, ShownServiceLevel } from '../../shared/domain/api/service-levels';
import { durationText } from '../../shared/domain/duration-text';
import { utc } from '../../shared/domain/instants';
import { type Budget, type BudgetIncident, PROJECTION_MS } from '../../shared/domain/service-levels/budget';
import type { BudgetLeft } from '../../shared/domain/service-levels/read-budget';
import { CLAUSES, type Clause, type SlaTerms, type SlaWindow } from '../../shared/domain/service-levels/service-level';
import type { NoticeDuty } from '../../shared/domain/service-levels/sla-interval';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { table } from '../output/table';
import { wrapped } from '../output/wrapped';

/** `99.95 % of 30 days` */
export const targetText = ({ targetPercent, window }: SlaTerms): string =>
  `${targetPercent} % of ${windowText(window)}`;

const windowText = (window: SlaWindow): string =>
  'days' in window ? `${window.days} days` : 'the calendar month (UTC)';

const clauseText = (clause: Clause): string => `"${clause.replaceAll('-', ' ')}": what ${CLAUSES[clause].means}`;

/** `21 min 36 s left of 43 min 12 s`, painted by how much is left. */
export function leftText({
  leftMs,
  budgetMs,
  isNearlyBurnt,
}: Pick<Budget, 'leftMs' | 'budgetMs' | 'isNearlyBurnt'>): string {
  const paint = leftMs < 0 ? colours.red : isNearlyBurnt ? colours.yellow : colours.green;
  const left = leftMs < 0 ? `missed by ${durationText(-leftMs)}` : `${durationText(leftMs)} left`;
  return `${paint(left)} of ${durationText(budgetMs)}`;
}

/** `acme was promised 99.95 % of 30 days: 2 min left of 21 min 36 s` */
export const burntText = ({ customerId, terms, ...budget }: BudgetLeft): string =>
  `${printable(customerId)} was promised ${targetText(terms)}: ${leftText(budget)}`;

export function showBudget({ name, ...budget }: Budget & { readonly name: string }): string {
  const { customerId, terms, isDefault, window, usedUpAt, incidents, at } = budget;
  return [
    colours.bold(printable(`${name} (${customerId})`)),
    field('Promised', `${targetText(terms)}${isDefault ? ': the default, nothing was agreed' : ''}`),
    ...(terms.tier === undefined ? [] : [field('Tier', terms.tier)]),
    field('Window', `${utc(window.from)} to ${utc(window.to)}`),
    field('Left', leftText(budget)),
    field('Burnt', durationText(budget.burntMs)),
    field('Excluded', durationText(budget.excludedMs)),
    field(
      'Projected',
      `${durationText(budget.projectedMs)} burnt in ${durationText(PROJECTION_MS)} if what is lost now stays lost`,
    ),
    ...(usedUpAt === undefined
      ? []
      : [field('Used up', usedUpAt > at ? `at ${utc(usedUpAt)} if it goes on` : `since ${utc(usedUpAt)}`)]),
    ...(terms.noticeMinutes === undefined ? [] : [field('Notice', `within ${terms.noticeMinutes} minutes of a loss`)]),
    ...(terms.probeEverySeconds === undefined
      ? []
      : [field('Probes', `every ${terms.probeEverySeconds} seconds at least`)]),
    '',
    wrapped(
      'What counts: time in which a data store cannot be read or written, from when it stops to when all serve again.',
    ),
    ...(terms.exclude.length === 0
      ? ['Nothing is excluded.']
      : terms.exclude.map((clause) => wrapped(printable(`Not by clause ${clauseText(clause)}.`)))),
    '',
    ...(incidents.length === 0 ? ['No incident in this window.'] : incidents.map(incidentText)),
  ].join('\n');
}

const field = (name: string, value: string): string => wrapped(value, `${`${name}:`.padEnd(10)} `);

function incidentText({
  incidentId,
  cause,
  party,
  clause,
  burntMs,
  excludedMs,
  stoppedAt,
  servingAt,
  lostAt,
  ...told
}: BudgetIncident): string {
  const took =
    clause === undefined
      ? `${durationText(burntMs)} burnt`
      : `${durationText(excludedMs)} excluded by clause "${clause.replaceAll('-', ' ')}"`;
  const since = stoppedAt === undefined ? `lost ${utc(lostAt)}, nothing stopped` : `stopped ${utc(stoppedAt)}`;
  const until = servingAt === undefined ? 'goes on' : `until ${utc(servingAt)}`;
  return [
    wrapped(printable(`${took}: ${cause}${party === undefined ? '' : ` (${party})`}`), '- '),
    wrapped(`${since}, ${until}`, '  '),
    ...noticeText(told),
    `  keywright explain ${incidentId}`,
  ].join('\n');
}

const NOTICE: Readonly<Record<NoticeDuty, string>> = {
  kept: 'kept',
  breached: 'breached',
  ahead: 'not told yet',
  spared: 'over before anybody had to tell',
};

/** `notice kept: told 2026-…, due by 2026-…` */
function noticeText({ notice, toldAt, noticeDueAt }: Pick<BudgetIncident, 'notice' | 'toldAt' | 'noticeDueAt'>) {
  if (notice === undefined || noticeDueAt === undefined) return [];
  const paint = notice === 'breached' ? colours.red : String;
  const told = toldAt === undefined ? 'not told' : `told ${utc(toldAt)}`;
  return [wrapped(`notice ${paint(NOTICE[notice])}: ${told}, due by ${utc(noticeDueAt)}`, '  ')];
}

const COLUMNS = [
  { title: 'customer' },
  { title: 'promised' },
  { title: 'left' },
  { title: 'burnt' },
  { title: 'excluded' },
];

export function showServiceLevels({ serviceLevels, next }: ServiceLevelPage): string {
  if (serviceLevels.length === 0) return 'No service level was set. Set one: keywright sla set CUSTOMER --target 99.95';
  const rows = serviceLevels.map(({ customerId, terms, leftMs, burntMs, excludedMs }) => [
    customerId,
    targetText(terms),
    durationText(leftMs),
    durationText(burntMs),
    durationText(excludedMs),
  ]);
  return [table(COLUMNS, rows), ...(next === undefined ? [] : [`There are more: add --after '${next}'`])].join('\n');
}

export function showSet({ customerId, exclude, ...terms }: ShownServiceLevel, dryRun: boolean): string {
  return [
    wrapped(printable(`${customerId}: ${targetText({ ...terms, exclude })}${dryRun ? ' would be promised' : ''}.`)),
    ...exclude.map((clause) => wrapped(`Not burnt by clause ${clauseText(clause)}.`, '  ')),
    ...(terms.noticeMinutes === undefined ? [] : [`  They are told within ${terms.noticeMinutes} minutes of a loss.`]),
    ...(terms.tier === undefined ? [] : [wrapped(printable(`Tier: ${terms.tier}`), '  ')]),
    ...(terms.probeEverySeconds === undefined
      ? []
      : [`  Keys are probed every ${terms.probeEverySeconds} seconds at least.`]),
    ...(dryRun ? ['Nothing was touched.'] : []),
  ].join('\n');
}
