/** Reports of logs as people read them. */
import type { LogReport } from 'keywright-verify/logs';
import { printable } from '../output/printable-text';
import { grouped, table } from '../output/table';
import { wrapped } from '../output/wrapped';

/** Laying out a table takes the square of its lines. What is wrong with the others is told below it all the same. */
const SHOWN_MAX = 20;

const COLUMNS = [{ title: 'log' }, { title: 'entries', align: 'right' }, { title: 'verified' }] as const;

/** A line a log, of the first ones. */
export function toTable(reports: readonly LogReport[]): string {
  const rows = reports
    .slice(0, SHOWN_MAX)
    .map(({ log, origin = log, size = '-', ok }) => [origin, size, ok ? 'yes' : 'NO']);
  const hidden = reports.slice(SHOWN_MAX);
  const wrong = hidden.filter(({ ok }) => !ok).length;
  const more = `… and ${grouped(hidden.length)} more, ${grouped(wrong)} of them not verified; --json prints all\n`;
  return `${table(COLUMNS, rows)}\n${hidden.length > 0 ? more : ''}`;
}

/** What was found in each, the first bad entry first. */
export function toLines(reports: readonly LogReport[]): string {
  return reports
    .flatMap(({ log, firstBadIndex, findings }) => [
      ...(firstBadIndex === undefined ? [] : [printable(`${log}: the first bad entry is ${firstBadIndex}`)]),
      ...findings.map(({ code, message }) => wrapped(printable(`${log}: ${code}: ${message}`))),
    ])
    .map((line) => `${line}\n`)
    .join('');
}
