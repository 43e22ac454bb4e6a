/**
 * What a run of the planner costs beside how many keys there are: 100 due among 1,000 and among 1,000,000. On stores in
 * memory that keep the contract of the real ones, in turns; best of some rounds. `node bench/run-bundled.mjs planner`
 */
import { NEVER } from '../shared/domain/kms-key';
import { planRotations } from '../shared/domain/plan-rotations';
import { aKmsKey, anArn, aPolicy } from '../test/support/make';
import { memoryControlStore } from '../test/support/memory-control-store';
import { countingIds, silentLog, testClock } from '../test/support/rotation-world';

const SIZES = [1_000, 1_000_000];
const DUE = 100;
const ROUNDS = 9;
const LIMIT = 1.2;

export async function run(): Promise<void> {
  const worlds = SIZES.map((keys) => ({ keys, ...worldOf(keys) }));
  const best = SIZES.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, world] of worlds.entries()) best[at] = Math.min(best[at] ?? 0, await plannedMs(world));
  }
  const [few = 0, many = 0] = best;
  const ratio = many / few;
  for (const [at, { keys, reads }] of worlds.entries()) {
    console.log(`${keys} keys, ${DUE} due: ${best[at]?.toFixed(2)} ms, ${reads()} calls of the store a run`);
  }
  console.log(
    `planner: ${ratio.toFixed(2)} times for ${(SIZES[1] ?? 0) / (SIZES[0] ?? 1)} times the keys (limit ${LIMIT})`,
  );
  process.exitCode = ratio <= LIMIT ? 0 : 1;
}

type World = ReturnType<typeof worldOf>;

function worldOf(keys: number) {
  const control = memoryControlStore();
  const clock = testClock();
  for (let at = 0; at < keys; at += 1) {
    const kmsKeyArn = arnOf(at);
    control.given('kms-key', aKmsKey({ kmsKeyArn, customerId: `customer-${at}` }));
    control.given('rotation-policy', aPolicy({ kmsKeyArn, dueAt: NEVER }));
  }
  let calls = 0;
  const counted = {
    ...control,
    find: (...asked: Parameters<typeof control.find>) => {
      calls += 1;
      return control.find(...asked);
    },
    commit: (...asked: Parameters<typeof control.commit>) => {
      calls += 1;
      return control.commit(...asked);
    },
    due: (...asked: Parameters<typeof control.due>) => {
      calls += 1;
      return control.due(...asked);
    },
  } as typeof control;
  return {
    control,
    ports: { control: counted, clock, ids: countingIds(), log: silentLog },
    reads: () => calls,
    /** The same keys are due in each round: spread over all of them. */
    makeDue() {
      calls = 0;
      for (let at = 0; at < DUE; at += 1) {
        const kmsKeyArn = arnOf(Math.floor((at * keys) / DUE));
        control.given('kms-key', aKmsKey({ kmsKeyArn, customerId: `customer-${at}` }));
        control.given('rotation-policy', aPolicy({ kmsKeyArn, dueAt: clock.now() }));
      }
    },
  };
}

async function plannedMs(world: World): Promise<number> {
  world.makeDue();
  const start = performance.now();
  const { planned } = await planRotations(world.ports);
  const ms = performance.now() - start;
  if (planned.started !== DUE) throw new Error(`${planned.started} rotations were begun instead of ${DUE}.`);
  return ms;
}

const arnOf = (at: number) => anArn(`key-${at}`);
