/** Costs as a person reads them, and as a spreadsheet does. */
import type { CostPage, ShownCosts, ShownShare } from '../../shared/domain/api/costs';
import { printable } from '../output/printable-text';
import { grouped, table } from '../output/table';
import { wrapped } from '../output/wrapped';

const MICRO = 1_000_000;

/** `1234567` -> `$1.234567`: no digit of a whole millionth is lost. */
export const dollars = (microUsd: number): string =>
  `$${grouped(Math.floor(microUsd / MICRO))}.${String(microUsd % MICRO).padStart(6, '0')}`;

const stateText = (isFinal: boolean) => (isFinal ? 'final' : 'open');

const right = (title: string) => ({ title, align: 'right' as const });

/** A line for each customer of the page. */
export function showAll({ month, shares, next }: CostPage): string {
  if (shares.length === 0) return `Nothing is counted of ${month} on this page.${more(next)}`;
  const rows = shares.map((share) => [
    share.customerId,
    stateText(share.isFinal),
    requestsOf(share),
    share.keys.length,
    dollars(share.totalMicroUsd),
  ]);
  const columns = [{ title: month }, { title: 'STATE' }, right('REQUESTS'), right('KEYS'), right('TOTAL')];
  return `${table(columns, rows)}${more(next)}`;
}

const more = (next: string | undefined): string => (next === undefined ? '' : `\nMore: --after ${next}`);

const requestsOf = ({ usage }: ShownShare): number =>
  Object.values(usage.requests).reduce((sum, count) => sum + count, 0);

/** What one customer used, and what each of it costs. */
export function showOne({ share, priceTable }: ShownCosts): string {
  const { customerId, month, isFinal, usage, lines, keys, keysLeftOut, fromIndex, logSize } = share;
  const costs = lines.map(({ item, units, unit, microUsd }) => [item, units, unit, priceText(microUsd)]);
  const total = ['total', '', '', dollars(share.totalMicroUsd)];
  const counts = Object.entries({ ...usage.requests, 'failed requests': usage.failedRequests, ...notPriced(usage) });
  const shared = keys.filter(({ usesOfAll }) => usesOfAll !== undefined);
  const doubtful = lines
    .filter(({ item }) => priceTable[item] && !priceTable[item].confirmedBy)
    .map(({ item }) => item);
  return [
    `${printable(customerId)}, ${month}, ${stateText(isFinal)}: entries ${fromIndex} to before ${logSize} of their audit log`,
    '',
    table([{ title: 'COST' }, right('UNITS'), { title: 'OF' }, right('US DOLLARS')], [...costs, total]),
    '',
    table(
      [{ title: 'USE' }, right('TIMES')],
      counts.filter(([, count]) => count > 0),
    ),
    ...(shared.length > 0 ? ['', 'Shared keys, by uses:'] : []),
    ...shared.map(
      ({ kmsKeyArn, uses, usesOfAll = 0 }) => `  ${kmsKeyArn}\n    ${grouped(uses)} of ${grouped(usesOfAll)}`,
    ),
    ...(keysLeftOut > 0 ? ['', wrapped(`More keys than are counted were named ${grouped(keysLeftOut)} times.`)] : []),
    ...(doubtful.length > 0
      ? ['', wrapped(`Prices to be checked, since none confirmed them: ${doubtful.join(', ')}.`)]
      : []),
  ].join('\n');
}

const priceText = (microUsd: number | undefined): string => (microUsd === undefined ? 'no price' : dollars(microUsd));

const notPriced = ({ requestsOfOthers, dataKeys, rotations, entries }: ShownShare['usage']) => ({
  'requests of other accounts': requestsOfOthers,
  'data keys made': dataKeys,
  rotations,
  'audit entries': entries,
});

/** RFC 4180, a line for each cost of each customer, and none for the totals: whoever sums adds nothing twice. */
export function costsCsv(shares: readonly ShownShare[]): string {
  const rows = shares.flatMap(({ customerId, month, isFinal, lines }) =>
    lines.map(({ item, units, unit, microUsd }) => [
      customerId,
      month,
      stateText(isFinal),
      item,
      units,
      unit,
      microUsd ?? '',
    ]),
  );
  const head = ['customerId', 'month', 'state', 'item', 'units', 'unit', 'microUsd'];
  return [head, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n');
}

/** Text that a spreadsheet would take for a formula is made text. */
function csvCell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
