/**
 * Peak memory and speed of `keywright replay` on log files of any size: makes them in a temporary folder, replays them
 * in a process of its own and reports. `node bench/run-bundled.mjs replay-memory [megabytes]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ACCOUNT, kmsRecord } from './synthetic-records';

const DEFAULT_MEGABYTES = 1000;
const FILES = 10;
const KEYS = 20;
const LIMIT_MB = 300;
const POLL_MS = 50;

export async function run(root: string, [megabytes = String(DEFAULT_MEGABYTES)]: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-replay-'));
  try {
    const written = await writeLogs(join(folder), Number(megabytes) * 1e6);
    const first = await replayOnce(root, folder);
    const second = await replayOnce(root, folder);
    const mbPerSecond = Math.round(written.bytes / 1e6 / first.seconds);
    const figures = {
      megabytes: Math.round(written.bytes / 1e6),
      records: written.records,
      first,
      second,
      mbPerSecond,
    };
    console.log(JSON.stringify({ bench: 'replay-memory', ...figures, limitMb: LIMIT_MB }));
    console.log(
      `replay-memory: ${figures.megabytes} MB with ${written.records} KMS records: ${first.peakMb} MB at most ` +
        `(limit ${LIMIT_MB}), ${mbPerSecond} MB/s; again over the finished streams ${second.peakMb} MB, ${second.seconds} s.`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Half of the files compressed. */
async function writeLogs(folder: string, bytesWanted: number): Promise<{ bytes: number; records: number }> {
  let [bytes, records] = [0, 0];
  for (let file = 0; file < FILES; file++) {
    const isGzip = file % 2 === 1;
    const target = createWriteStream(join(folder, `${ACCOUNT}_CloudTrail_${file}.json${isGzip ? '.gz' : ''}`));
    const out = isGzip ? createGzip({ level: 1 }) : target;
    if (isGzip) out.pipe(target);
    out.write('{"Records":[');
    for (let inFile = 0; inFile < bytesWanted / FILES; ) {
      const text = `${inFile > 0 ? ',' : ''}${JSON.stringify(kmsRecord(records, KEYS))}`;
      if (!out.write(text)) await once(out, 'drain');
      inFile += text.length;
      bytes += text.length;
      records += 1;
    }
    out.end(']}');
    await finished(target);
  }
  return { bytes, records };
}

async function replayOnce(root: string, folder: string): Promise<{ peakMb: number; seconds: number }> {
  const start = Date.now();
  const args = ['cli/keywright.mjs', 'replay', folder, '--out', join(folder, 'streams'), '--json'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  let peakKb = 0;
  const poll = setInterval(() => {
    peakKb = Math.max(peakKb, peakOf(child.pid));
  }, POLL_MS);
  const [code] = await once(child, 'exit');
  clearInterval(poll);
  if (code !== 0) throw new Error(`keywright replay ended with code ${code}.`);
  return { peakMb: Math.round(peakKb / 1000), seconds: (Date.now() - start) / 1000 };
}

/** The kernel's own high-water mark of resident memory, in KB: no peak between two looks is missed. Linux only. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
