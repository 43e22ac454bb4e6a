/**
 * The scenario of `npm start`, killed at random moments and started again on what was left: it ends as if nothing had
 * happened, and nothing is lost. `SEED=n` repeats the moments, `KILLS=n` plays more or fewer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../cli/start/report';
import { seededRandom } from '../../local/seeded-random';
import { type Evidence, evidenceIn } from './evidence';
import { runScenario } from './scenario-process';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const KILLS = Number(process.env['KILLS'] ?? 20);
/** How often one folder is killed, from one folder to the next. */
const IN_A_ROW = [1, 2, 3, 4];
const MINUTE_MS = 60_000;

const random = seededRandom(SEED);
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'scenario-killed-'));
  folders.push(folder);
  return folder;
};

test(
  `${KILLS} kills at random moments lose nothing (seed ${SEED})`,
  async () => {
    const lengthMs = await measured();
    console.log(`the whole scenario takes ${lengthMs} ms; seed ${SEED}`);
    for (let [life, kills] = [0, 0]; kills < KILLS; life += 1) {
      const inARow = Math.min(IN_A_ROW[life % IN_A_ROW.length] ?? 1, KILLS - kills);
      await live(lengthMs, inARow);
      kills += inARow;
    }
  },
  KILLS * 3 * MINUTE_MS,
);

async function measured(): Promise<number> {
  const folder = newFolder();
  const startedAt = Date.now();
  const { code, printed, report } = await runScenario(folder);
  const lengthMs = Date.now() - startedAt;
  expect({ code, ...(code !== 0 && { printed }) }).toEqual({ code: 0 });
  expectWhole(report, await evidenceIn(folder));
  return lengthMs;
}

/** One folder, killed so many times at moments spread over the whole work, then left to end. */
async function live(lengthMs: number, kills: number): Promise<void> {
  const folder = newFolder();
  const moments = Array.from({ length: kills }, () => Math.round(random() * lengthMs)).sort((a, b) => a - b);
  let worked = 0;
  for (const moment of moments) {
    await runScenario(folder, moment - worked);
    worked = moment;
  }
  const { code, printed, report } = await runScenario(folder);
  console.log(`killed after ${moments.join(', ')} ms`);
  expect({ moments, code, ...(code !== 0 && { printed }) }).toEqual({ moments, code: 0 });
  expectWhole(report, await evidenceIn(folder));
}

function expectWhole(report: Report | undefined, evidence: Evidence): void {
  expect(evidence).toMatchObject({ missing: [], surplus: [], left: [] });
  expect(evidence.entries).toBeGreaterThan(1000);
  expect(report?.rotations.filter(({ ms }) => ms > 0)).toHaveLength(5);
  expect(report?.audit.filter(({ entries, verified }) => verified && entries > 0)).toHaveLength(5);
  expect(report?.reencryption).toMatchObject({ setAside: 0, perSecond: expect.any(Number) });
  expect(report?.reencryption.reencrypted).toBe(report?.reencryption.total);
  expect(report?.revocation.cause).toBe('key-pending-deletion');
  for (const figure of ['detectedMs', 'pagedMs', 'affectedDataStores', 'recoveredMs'] as const) {
    expect([figure, (report?.revocation[figure] ?? 0) > 0]).toEqual([figure, true]);
  }
}
