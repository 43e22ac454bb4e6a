/** The end of a run in a page: what happened, how long it took, what was verified. */
import Table from 'cli-table3';
import { colours } from '../output/colours';
import type { Findings, Report } from './report';
import { seconds } from './terminal';

export function summaryOf({ report, checks }: Findings): string {
  const { revocation, reencryption } = report;
  const held = checks.filter((check) => check.holds).length;
  return [
    '',
    colours.bold('Rotations'),
    rotationTable(report),
    `Re-encrypted ${reencryption.reencrypted} of ${reencryption.total} data keys, ${reencryption.quarantined} quarantined, ${reencryption.perSecond} a second`,
    '',
    colours.bold('Revocation'),
    `Cause ${revocation.cause}; ${revocation.affectedDataStores} data stores stopped; confirmed after ${seconds(revocation.detectedMs)}, paged after ${seconds(revocation.pagedMs)}; return noticed after ${seconds(revocation.recoveredMs)}`,
    '',
    colours.bold('Audit streams'),
    auditTable(report),
    deliveryTable(report),
    colours.bold(`Checks: ${held} of ${checks.length} hold`),
    ...checks.map(({ says, holds }) => `${holds ? colours.green('✓') : colours.red('✗')} ${says}`),
    '',
    `Local AWS and the deployment took ${seconds(report.bootMs)}, the scenario ${seconds(report.scenarioMs)}.`,
  ].join('\n');
}

function rotationTable({ rotations }: Report): string {
  const table = newTable(['customer', 'strategy', 'asked for to last data key']);
  for (const { customerId, strategy, ms } of rotations) table.push([customerId, strategy, seconds(ms)]);
  return table.toString();
}

function auditTable({ audit }: Report): string {
  const table = newTable(['customer', 'entries', 'verified']);
  for (const { customerId, entries, verified } of audit) table.push([customerId, entries, verified ? 'yes' : 'NO']);
  return table.toString();
}

function deliveryTable({ deliveries }: Report): string {
  const table = newTable(['customer', 'sent to', 'format', 'entries', 'verified']);
  for (const { customerId, destination, format, entries, verified } of deliveries)
    table.push([customerId, destination, format, entries, verified ? 'yes' : 'NO']);
  return table.toString();
}

const newTable = (head: string[]) =>
  new Table({ head, style: { head: colours.isColorSupported ? ['cyan'] : [], border: [] } });
