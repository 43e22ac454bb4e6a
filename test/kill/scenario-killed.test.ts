/**
 * The scenario of `npm start`, killed at random moments and started again on what was left: it ends as if nothing had
 * happened, and nothing is lost. `SEED=n` repeats the moments, `KILLS=n` plays more or fewer.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { seededRandom } from 'local-aws/seeded-random';
import { CUSTOMERS, DATA_STORES } from '../../cli/start/customers';
import { packageOf } from '../../cli/start/package';
import type { Report } from '../../cli/start/report';
import { inParallel } from '../../cli/start/wait-until';
import { type Evidence, evidenceIn } from './evidence';
import { livesOf, momentsWithin } from './moments';
import { type Ended, killAll, type Moment, runScenario } from './scenario-process';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const KILLS = Number(process.env['KILLS'] ?? 20);
/** How often one folder is killed, from one folder to the next. */
const IN_A_ROW = [1, 1, 2, 1, 3];
/** Two scenarios keep two cores busy. */
const AT_ONCE = 2;
const MINUTE_MS = 60_000;
/** Boot and deployment follow the first step, which packages. */
const BOOT = 1;
/** Two rotations at once follow the fourth: most queues and functions are at work. */
const ROTATIONS = 4;

const random = seededRandom(SEED);
const folders: string[] = [];
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'scenario-killed-'));
  folders.push(folder);
  return folder;
};

let course: Ended;
beforeAll(async () => {
  // Packaged once, before scenarios run beside each other.
  await packageOf(join(__dirname, '../..'));
  const folder = newFolder();
  course = await runScenario(folder);
  expect(await lookedAt(folder, course)).toEqual(WHOLE);
}, 20 * MINUTE_MS);
afterAll(() => {
  killAll();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test(
  `${KILLS} kills at random moments lose nothing (seed ${SEED})`,
  async () => {
    const lives = livesOf(killsOfLives(), course, random);

    const ends = await inParallel(lives, AT_ONCE, live);

    expect(ends).toEqual(lives.map((moments) => ({ moments, ...WHOLE })));
  },
  KILLS * 5 * MINUTE_MS,
);

test(
  `killed in each step, and at boot and deployment on a new folder and on a kept one, a life loses nothing (seed ${SEED})`,
  async () => {
    const within = (step: number, kills: number) => momentsWithin(step, kills, course, random);
    const later = course.stepsEndedAtMs.slice(BOOT + 1).flatMap((_, at) => within(BOOT + 1 + at, 1));
    const moments = [...within(BOOT, 3), ...later, ...within(BOOT, 3)];

    expect(await live(moments)).toEqual({ moments, ...WHOLE });
  },
  20 * MINUTE_MS,
);

test(
  'a port that somebody else took meanwhile is no hindrance',
  async () => {
    const folder = newFolder();
    const [moment] = momentsWithin(ROTATIONS, 1, course, random);
    const { printed } = await runScenario(folder, moment);
    const taken = await occupied(Number(/resources at http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1] ?? 0));

    const end = await runScenario(folder);
    taken.close();

    expect(await lookedAt(folder, end)).toEqual(WHOLE);
  },
  20 * MINUTE_MS,
);

function killsOfLives(): readonly number[] {
  const kills: number[] = [];
  for (let left = KILLS; left > 0; left -= kills.at(-1) ?? left) {
    kills.push(Math.min(left, IN_A_ROW[kills.length % IN_A_ROW.length] ?? 1));
  }
  return kills;
}

/** One folder, killed at each of the moments, then left to end. A run that fails before it is killed ends it. */
async function live(moments: readonly Moment[]) {
  const folder = newFolder();
  for (const moment of moments) {
    const killed = await runScenario(folder, moment);
    if (killed.code) return { moments, ...(await lookedAt(folder, killed)) };
  }
  const end = await runScenario(folder);
  const outcome = await lookedAt(folder, end);
  const said = moments.map(({ stepsEnded, delayMs }) => `${delayMs} ms after step ${stepsEnded}`);
  console.log(`killed ${said.join(', ')}; booted again in ${end.report?.bootMs} ms, ended after ${end.endedAtMs} ms`);
  return { moments, ...outcome };
}

interface Outcome extends Pick<Evidence, 'missing' | 'surplus' | 'left'> {
  readonly code: number | null;
  /** Parts of the report that no figure fills. */
  readonly gaps: readonly string[];
}

const WHOLE: Outcome = { code: 0, gaps: [], missing: [], surplus: [], left: [] };

/** What a run that is not whole printed stands in the log, apart from the comparison that fails. */
async function lookedAt(folder: string, end: Ended): Promise<Outcome> {
  const outcome = end.code === 0 ? await outcomeOf(folder, end) : { ...WHOLE, code: end.code };
  if (!isDeepStrictEqual(outcome, WHOLE)) console.log(end.printed);
  return outcome;
}

async function outcomeOf(folder: string, { code, report }: Ended): Promise<Outcome> {
  const { missing, surplus, left } = await evidenceIn(folder);
  return { code, gaps: gapsIn(report), missing, surplus, left };
}

function gapsIn(report: Report | undefined): readonly string[] {
  if (report === undefined) return ['report'];
  const { rotations, reencryption, audit, deliveries, revocation } = report;
  const isWhole: Readonly<Record<string, boolean>> = {
    bootMs: report.bootMs > 0,
    scenarioMs: report.scenarioMs > 0,
    rotations: rotations.length === CUSTOMERS.length && rotations.every(({ ms }) => ms > 0),
    reencryption: reencryption.total > 0 && reencryption.reencrypted === reencryption.total,
    quarantined: reencryption.quarantined === 0,
    perSecond: reencryption.perSecond > 0,
    audit: audit.length === CUSTOMERS.length && audit.every(({ entries, verified }) => verified && entries > 100),
    deliveries:
      new Set(deliveries.map(({ destination }) => destination)).size >= 4 &&
      deliveries.every(({ entries, verified }) => verified && entries > 100),
    cause: revocation.cause === 'key-pending-deletion',
    detectedMs: revocation.detectedMs > 0,
    pagedMs: revocation.pagedMs > 0,
    affectedDataStores: revocation.affectedDataStores === DATA_STORES.length,
    recoveredMs: revocation.recoveredMs > 0,
  };
  return Object.keys(isWhole).filter((figure) => !isWhole[figure]);
}

/** Listens on a port of loopback, as another program might. */
async function occupied(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
