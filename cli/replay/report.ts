/** The summary as a person reads it. */
import { join } from 'node:path';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { grouped, table } from '../output/table';
import { folderOf } from './customers';
import type { ReplaySummary } from './summary';

/** Rejections and customers shown; all of them are in summary.json. */
const SHOWN_MAX = 20;

export function describe(summary: ReplaySummary, out: string): string {
  const parts = [totals(summary), customers(summary), skipped(summary), rejected(summary), next(summary, out)];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function totals(summary: ReplaySummary): string {
  const { files, records, kmsRecords, attributed, unattributed, duplicates } = summary;
  return table(
    [{ title: 'read' }, { title: '', align: 'right' }],
    [
      ['files', files],
      ['CloudTrail records', records],
      ['  of KMS', kmsRecords],
      ['    in a stream', attributed],
      ["    nobody's: in the operator's stream", unattributed],
      ['    seen before', duplicates],
      ['rejected', summary.rejected.length],
    ],
  );
}

function customers(summary: ReplaySummary): string {
  const rows = Object.entries(summary.customers).map(([customerId, { entries, treeSize, rootHash }]) => {
    return [customerId, entries, treeSize, rootHash];
  });
  if (rows.length === 0) return '';
  const columns = [
    { title: 'customer' },
    { title: 'from these files', align: 'right' },
    { title: 'stream size', align: 'right' },
    { title: 'root hash' },
  ] as const;
  return table(columns, rows.slice(0, SHOWN_MAX)) + more(rows.length);
}

function skipped({ skipped: kinds = [] }: ReplaySummary): string {
  if (kinds.length === 0) return '';
  const rows = kinds.map(({ kind, count, of, reason }) => [kind, count, of, reason]);
  return table([{ title: 'skipped' }, { title: '', align: 'right' }, { title: '' }, { title: 'why' }], rows);
}

function rejected(summary: ReplaySummary): string {
  const lines = summary.rejected
    .slice(0, SHOWN_MAX)
    .map(({ file, index, reason }) => printable(`${file} [${index}] ${reason}`));
  return lines.length === 0 ? '' : colours.red('rejected\n') + lines.join('\n') + more(summary.rejected.length);
}

function more(count: number): string {
  return count > SHOWN_MAX ? `\n… and ${grouped(count - SHOWN_MAX)} more in summary.json` : '';
}

function next(summary: ReplaySummary, out: string): string {
  const [first] = Object.keys(summary.customers);
  if (first === undefined) return '';
  const folder = join(out, folderOf(first));
  const command = `npx keywright audit verify ${folder} --public-key ${join(folder, 'public-key')}`;
  return colours.dim(`verify one: ${printable(command)}`);
}
