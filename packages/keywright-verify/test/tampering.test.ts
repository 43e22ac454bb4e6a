/**
 * Thousands of logs, each tampered with once in one of many ways, and as many that were not: each is found, with the index of
 * the first bad entry, and no other raises an alarm. `RUNS=1000` does ten times as many of both; `SEED=n` repeats a run.
 */

import { appendAudit } from '../../../shared/domain/audit/append-audit';
import { entriesFor, memoryAuditPorts, readerOf } from '../../../test/support/memory-audit';
import { randomOf } from '../../../test/support/random';
import { verifyLog } from '../log';
import { readVerifierKey } from '../note';
import { CUSTOMER, KINDS, publicKeyOf, tamperedLogs } from './support/tampered-logs';

const SEED = Number(process.env['SEED'] ?? 1);
/** One costs a tenth of what other properties' runs do. */
const TAMPERINGS = Number(process.env['RUNS'] ?? 40) * 10;

test(`each of ${TAMPERINGS} tamperings is found, and the first bad entry named`, async () => {
  const key = readVerifierKey(await publicKeyOf());
  const done: Record<string, number> = {};
  const missed: string[] = [];

  let made = 0;
  for await (const { kind, size, files, saved, firstBadIndex } of tamperedLogs(randomOf(SEED))) {
    made += 1;
    done[kind] = (done[kind] ?? 0) + 1;
    const report = await verifyLog(readerOf(files), key, { saved });
    const said = report.ok ? 'well' : `bad from ${report.firstBadIndex} on`;
    if (report.ok || report.firstBadIndex !== firstBadIndex) {
      missed.push(`${kind} in a log of ${size}, bad from ${firstBadIndex} on, is said to be ${said} (number ${made})`);
    }
    if (made === TAMPERINGS) break;
  }

  console.log(`tamperings found: ${TAMPERINGS - missed.length} of ${TAMPERINGS} (seed ${SEED})`, done);
  expect(missed).toEqual([]);
  expect(Object.keys(done).sort()).toEqual([...KINDS].sort());
}, 600_000);

test(`none of ${TAMPERINGS} intact logs raises an alarm`, async () => {
  const random = randomOf(SEED);
  const key = readVerifierKey(await publicKeyOf());
  const alarms: string[] = [];

  for (let checked = 0; checked < TAMPERINGS; ) {
    const ports = memoryAuditPorts();
    const files = ports.objects.filesOf(CUSTOMER);
    const saved: string[] = [];
    for (let entries = 0; entries < 600 && checked < TAMPERINGS; checked++) {
      const ids = Array.from({ length: 1 + random.below(4) }, () => `event-${entries++}`);
      await appendAudit(entriesFor(CUSTOMER, ids), ports);
      saved.push(Buffer.from(files.get('checkpoint') ?? '').toString());
      const report = await verifyLog(readerOf(files), key, { saved: [random.pick(saved), random.pick(saved)] });
      if (!report.ok) alarms.push(`size ${entries}: ${report.findings[0]?.message}`);
    }
  }

  console.log(`false alarms: ${alarms.length} of ${TAMPERINGS} (seed ${SEED})`);
  expect(alarms).toEqual([]);
}, 600_000);
