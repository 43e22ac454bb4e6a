/** `npm start -- --once --data FOLDER` in a process of its own, which can be killed with everything that it started. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../cli/start/report';

const root = join(__dirname, '../..');
/** No scenario takes as long: a process that is still there hangs. */
const HANGS_MS = 5 * 60_000;

export interface Ended {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly printed: string;
  readonly report?: Report;
}

/** Runs the scenario to its end, or until it is killed after `killAfterMs`. */
export async function runScenario(folder: string, killAfterMs: number = HANGS_MS): Promise<Ended> {
  const reportFile = join(folder, 'report.json');
  const args = ['cli/keywright.mjs', 'start', '--once', '--data', folder, '--report', reportFile];
  // A process group of its own: what it started dies with it, as on a machine that loses power.
  const child = spawn(process.execPath, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', NO_COLOR: '1', FORCE_COLOR: '' },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const timer = setTimeout(() => killGroup(child.pid), killAfterMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, printed, ...(existsSync(reportFile) && { report: JSON.parse(readFileSync(reportFile, 'utf8')) }) };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has just ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
