/** Reports of logs as people read them. */
import Table from 'cli-table3';
import type { Report } from '../../shared/verify/log';
import { colours } from '../output/colours';

type LogReport = Report & { readonly log: string };

/** A line a log. */
export function toTable(reports: readonly LogReport[]): string {
  const table = new Table({ head: ['log', 'entries', 'root hash', 'verified'], style: { head: [], border: [] } });
  for (const { origin, size, rootHash, ok } of reports) {
    table.push([origin, size ?? '-', rootHash ?? '-', ok ? colours.green('yes') : colours.red('NO')]);
  }
  return `${table.toString()}\n`;
}

/** A line for everything that was found. */
export function toLines(reports: readonly LogReport[]): string {
  return reports
    .flatMap(({ log, findings }) => findings.map(({ code, message }) => `${log}: ${code}: ${message}\n`))
    .join('');
}
