/** Reports of logs as people read them. */
import Table from 'cli-table3';
import type { Report } from '../../shared/verify/log';
import { colours } from '../output/colours';
import { printable } from '../output/printable';

/** What came of a folder. Beside the findings of the verifier: that no key is of it, or that it is not there. */
export interface LogReport extends Omit<Report, 'origin' | 'findings'> {
  readonly log: string;
  /** Of the log that it had to be. */
  readonly origin?: string;
  readonly findings: readonly { readonly code: string; readonly message: string }[];
}

/** A line a log. */
export function toTable(reports: readonly LogReport[]): string {
  const table = new Table({ head: ['log', 'entries', 'root hash', 'verified'], style: { head: [], border: [] } });
  for (const { log, origin = log, size, rootHash, ok } of reports) {
    table.push([printable(origin), size ?? '-', rootHash ?? '-', ok ? colours.green('yes') : colours.red('NO')]);
  }
  return `${table.toString()}\n`;
}

/** A line for everything that was found. */
export function toLines(reports: readonly LogReport[]): string {
  return reports
    .flatMap(({ log, findings }) =>
      findings.map(({ code, message }) => `${printable(`${log}: ${code}: ${message}`)}\n`),
    )
    .join('');
}
