/** One process of this machine at a time: a file that names its holder. A holder that was killed holds nothing. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { until } from './until';

const PATIENCE_MS = 120_000;

/** Runs the task while no other process runs one under the same path. */
export async function oneAtATime<Result>(path: string, run: () => Promise<Result>): Promise<Result> {
  mkdirSync(dirname(path), { recursive: true });
  await until(`another process ends its work and removes ${path}`, async () => taken(path), PATIENCE_MS);
  try {
    return await run();
  } finally {
    rmSync(path, { force: true });
  }
}

function taken(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (!isHeld(path)) rmSync(path, { force: true });
    return false;
  }
}

function isHeld(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // A file that names nobody yet is being written.
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
