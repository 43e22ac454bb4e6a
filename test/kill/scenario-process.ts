/** `npm start -- --once --data FOLDER` in a process group of its own: run to its end, or killed on its way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../cli/start/report';

const root = join(__dirname, '../..');

/**
 * A moment of the scenario: so long after so many steps have ended, and before the next one has. It is the same moment
 * on a machine that is busier or faster.
 */
export interface Moment {
  readonly stepsEnded: number;
  readonly delayMs: number;
}

export interface Ended {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly printed: string;
  readonly report?: Report;
  /** When each step ended, since the start. */
  readonly stepsEndedAtMs: readonly number[];
  readonly endedAtMs: number;
}

/** How a step that has ended shows in output that no terminal reads: its title and its time. */
const STEP_ENDED = /^✓ .* \d+\.\d s$/gm;
/** No scenario takes as long: a process that is still there hangs. */
const HANGS_MS = 5 * 60_000;

const alive = new Set<ChildProcess>();

/** Runs the scenario to its end, or until it is killed at the moment. */
export function runScenario(folder: string, killAt?: Moment): Promise<Ended> {
  const reportFile = join(folder, 'report.json');
  const args = ['cli/keywright.mjs', 'start', '--once', '--data', folder, '--report', reportFile];
  // A process group of its own: what it started dies with it, as on a machine that loses power.
  const child = spawn(process.execPath, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', NO_COLOR: '1', FORCE_COLOR: '' },
  });
  alive.add(child);
  const startedAt = Date.now();
  const stepsEndedAtMs: number[] = [];
  const timers = [setTimeout(() => killGroup(child), HANGS_MS)];
  let printed = '';

  const look = () => {
    const ended = printed.match(STEP_ENDED)?.length ?? 0;
    while (stepsEndedAtMs.length < ended) stepsEndedAtMs.push(Date.now() - startedAt);
    if (killAt === undefined || ended < killAt.stepsEnded) return;
    if (ended > killAt.stepsEnded) killGroup(child);
    else if (timers.length === 1) timers.push(setTimeout(() => killGroup(child), killAt.delayMs));
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      look();
    });
  }
  look();

  return new Promise((resolve) => {
    child.once('close', (code) => {
      alive.delete(child);
      for (const timer of timers) clearTimeout(timer);
      // It is opened before anything runs: of a run that was killed it is empty.
      const text = existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : '';
      const report = text !== '' && { report: JSON.parse(text) };
      resolve({ code, printed, stepsEndedAtMs, endedAtMs: Date.now() - startedAt, ...report });
    });
  });
}

/** So that a test that ends early leaves no process behind. */
export function killAll(): void {
  for (const child of alive) killGroup(child);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has just ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
