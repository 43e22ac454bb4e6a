/**
 * What verifying an audit log costs, in units of SHA-256 over the bytes of its entries.
 * `node bench/run-bundled.mjs audit-verify [entries]`
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderReader } from 'keywright-verify/folder';
import { verifyLog } from 'keywright-verify/log';
import { readVerifierKey } from 'keywright-verify/note';
import { openFolderAuditLog } from '../shared/adapters/folder-audit-log';
import { localCheckpointSigner, newSigningKeyPem } from '../shared/adapters/local-checkpoint-signer';
import { originOf } from '../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../shared/domain/audit/log/signed-note';
import { readEntries } from '../test/support/read-entries';
import { kmsRecord } from './synthetic-records';

const DEFAULT_ENTRIES = 1_000_000;
const LIMIT = 4;
const CUSTOMER = 'customer-0';

/** As large and as full of text as a real entry. */
function entryOf(index: number): Buffer {
  const record = kmsRecord(index, 1);
  return Buffer.from(
    JSON.stringify({ v: 1, eventId: record['eventID'], customerId: CUSTOMER, at: record['eventTime'], record }),
  );
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

export async function run(_root: string, [entries = String(DEFAULT_ENTRIES)]: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-audit-'));
  try {
    const signer = localCheckpointSigner(newSigningKeyPem());
    const origin = originOf(CUSTOMER);
    const writeSeconds = await seconds(async () => {
      const log = await openFolderAuditLog(folder, { origin, signer, isOurs: () => true });
      while (log.size() < Number(entries)) log.append(entryOf(log.size()));
      await log.checkpoint();
    });
    const key = readVerifierKey(verifierKey(origin, await signer.publicKey()));
    const reader = folderReader(folder);

    let bytes = 0;
    const hashSeconds = await seconds(async () => {
      for await (const entry of readEntries(reader, Number(entries))) {
        createHash('sha256').update(entry).digest();
        bytes += entry.length;
      }
    });
    const plainSeconds = await seconds(async () => {
      const whole = createHash('sha256');
      for await (const entry of readEntries(reader, Number(entries))) whole.update(entry);
      whole.digest();
    });
    let ok = false;
    const verifySeconds = await seconds(async () => {
      ({ ok } = await verifyLog(reader, key));
    });
    const figures = {
      entries: Number(entries),
      megabytes: Math.round(bytes / 1e6),
      ok,
      writeSeconds,
      hashSeconds,
      plainSeconds,
      verifySeconds,
      ratioToPlain: Math.round((verifySeconds / plainSeconds) * 100) / 100,
      ratio: Math.round((verifySeconds / hashSeconds) * 100) / 100,
      peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
    console.log(JSON.stringify({ bench: 'audit-verify', limit: LIMIT, ...figures }));
    console.log(
      `audit-verify: ${figures.entries} entries, ${figures.megabytes} MB: ${verifySeconds.toFixed(1)} s, ` +
        `${figures.ratio} times reading and SHA-256 of each entry, ${figures.ratioToPlain} times reading and one SHA-256 of ` +
        `all (limit ${LIMIT}); ${figures.peakMb} MB at most.`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
