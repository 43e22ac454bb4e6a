/** Reports of logs as people read them. */
import Table from 'cli-table3';
import type { Report } from 'keywright-verify/log';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { grouped } from '../output/table';

/** What came of a folder. Beside the findings of the verifier: that no key is of it, or that it is not there. */
export interface LogReport extends Omit<Report, 'origin' | 'findings'> {
  readonly log: string;
  /** Of the log that it had to be. */
  readonly origin?: string;
  readonly findings: readonly { readonly code: string; readonly message: string }[];
}

/** Laying out a table takes the square of its lines. What is wrong with the others is told below it all the same. */
const SHOWN_MAX = 20;

/** A line a log, of the first ones. */
export function toTable(reports: readonly LogReport[]): string {
  const table = new Table({ head: ['log', 'entries', 'root hash', 'verified'], style: { head: [], border: [] } });
  for (const { log, origin = log, size, rootHash, ok } of reports.slice(0, SHOWN_MAX)) {
    table.push([printable(origin), size ?? '-', rootHash ?? '-', ok ? colours.green('yes') : colours.red('NO')]);
  }
  const hidden = reports.slice(SHOWN_MAX);
  const wrong = hidden.filter(({ ok }) => !ok).length;
  const more = `… and ${grouped(hidden.length)} more, ${grouped(wrong)} of them not verified; --json prints all\n`;
  return `${table.toString()}\n${hidden.length > 0 ? more : ''}`;
}

/** A line for everything that was found. */
export function toLines(reports: readonly LogReport[]): string {
  return reports
    .flatMap(({ log, findings }) =>
      findings.map(({ code, message }) => `${printable(`${log}: ${code}: ${message}`)}\n`),
    )
    .join('');
}
