/**
 * What a run of the planner costs beside how many keys there are: 100 due among 1,000, and among very many. On stores in
 * memory with a million keys, and on a DynamoDB engine with fewer. `node bench/run-bundled.mjs planner [keys on DynamoDB]`
 *
 * The limit is for calls of the store, which is what a run costs on AWS, and for the time on the engine. The time in memory
 * is printed beside them: there a call takes microseconds, so that it shows how well a processor caches a gigabyte.
 */
import { CONTROL_TABLE } from '../shared/adapters/control-table';
import { dynamoControlStore } from '../shared/adapters/dynamo-control-store';
import { NEVER } from '../shared/domain/instants';
import { inParallel } from '../shared/domain/parallel-work';
import type { ControlStore, Write } from '../shared/domain/ports';
import { planRotations } from '../shared/domain/rotation/plan-rotations';
import { startDynoxide } from '../test/support/dynoxide';
import { aKmsKey, anArn, aPolicy, countedIds, silentLog } from '../test/support/make';
import { memoryControlStore } from '../test/support/memory-control-store';
import { testClock } from '../test/support/rotation-world';

const FEW = 1_000;
const MANY_IN_MEMORY = 1_000_000;
const MANY_ON_DYNAMO = 50_000;
const DUE = 100;
const ROUNDS = 7;
const LIMIT = 1.2;

export async function run(_root: string, [manyOnDynamo = MANY_ON_DYNAMO]: readonly (string | number)[]): Promise<void> {
  const memory = await compared('in memory', MANY_IN_MEMORY, async () => memoryControlStore());
  const dynamo = await startDynoxide();
  try {
    const open = async () => dynamoControlStore(dynamo.documents, await dynamo.createTable(CONTROL_TABLE));
    const engine = await compared('on DynamoDB', Number(manyOnDynamo), open);
    const isWithin = Math.max(memory.calls, engine.calls, engine.ms) <= LIMIT;
    console.log(
      `planner: ${memory.calls.toFixed(2)} times the calls among ${MANY_IN_MEMORY / FEW} times the keys; on DynamoDB ${engine.ms.toFixed(2)} times the time among ${Number(manyOnDynamo) / FEW} times the keys (limit ${LIMIT})`,
    );
    process.exitCode = isWithin ? 0 : 1;
  } finally {
    await dynamo.stop();
  }
}

interface Cost {
  readonly ms: number;
  readonly calls: number;
}

/** What many keys cost, in times of what few cost: in turns, best of some rounds. */
async function compared(where: string, many: number, open: () => Promise<ControlStore>): Promise<Cost> {
  const worlds = [await worldOf(FEW, await open()), await worldOf(many, await open())];
  const best: Cost[] = worlds.map(() => ({ ms: Number.POSITIVE_INFINITY, calls: 0 }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, world] of worlds.entries()) {
      const cost = await costOf(world, round);
      if (cost.ms < (best[at]?.ms ?? 0)) best[at] = cost;
    }
  }
  for (const [at, { keys }] of worlds.entries()) {
    console.log(
      `${where}, ${keys} keys, ${DUE} due: ${best[at]?.ms.toFixed(1)} ms, ${best[at]?.calls} calls of the store`,
    );
  }
  const [few, more] = best;
  return { ms: (more?.ms ?? 0) / (few?.ms ?? 0), calls: (more?.calls ?? 0) / (few?.calls ?? 0) };
}

type World = Awaited<ReturnType<typeof worldOf>>;

/** Keys that are not due for ever, and their policies. */
async function worldOf(keys: number, control: ControlStore) {
  const chunks = Array.from({ length: Math.ceil(keys / TOGETHER) }, (_, at) => at * TOGETHER);
  const { failed } = await inParallel(chunks, SEEDERS, (first) => {
    const names = Array.from({ length: Math.min(TOGETHER, keys - first) }, (_, at) => arnOf(first + at));
    return control.commit({ writes: names.flatMap(rowsOf), facts: [] });
  });
  if (failed.length > 0) throw failed[0];
  return { keys, control };
}

/** A key and its policy are two of the 90 writes that a change takes. */
const TOGETHER = 45;
const SEEDERS = 4;

const rowsOf = (kmsKeyArn: string): readonly Write[] => [
  { entityType: 'kms-key', row: aKmsKey({ kmsKeyArn, customerId: kmsKeyArn }) },
  { entityType: 'rotation-policy', row: aPolicy({ kmsKeyArn, dueAt: NEVER }) },
];

/** In each round others are due, spread over all of them. */
async function costOf({ keys, control }: World, round: number): Promise<Cost> {
  const clock = testClock();
  const due = Array.from({ length: DUE }, (_, at) => arnOf(Math.floor((at * keys) / DUE) + round));
  for (let first = 0; first < DUE; first += TOGETHER) {
    const rows = due
      .slice(first, first + TOGETHER)
      .map((kmsKeyArn) => aPolicy({ kmsKeyArn, dueAt: clock.now(), revision: 1 }));
    await control.commit({ writes: rows.map((row) => ({ entityType: 'rotation-policy', row })), facts: [] });
  }
  const counted = counting(control);
  const ids = countedIds();
  const named = { next: () => `${keys}-${round}-${ids.next()}` };
  const start = performance.now();
  const { planned } = await planRotations({ control: counted.control, clock, ids: named, log: silentLog });
  const ms = performance.now() - start;
  if (planned.started !== DUE) throw new Error(`${planned.started} rotations were begun instead of ${DUE}.`);
  return { ms, calls: counted.calls() };
}

function counting(control: ControlStore): { readonly control: ControlStore; calls(): number } {
  let calls = 0;
  const counted = <Asked extends readonly unknown[], Answer>(ask: (...asked: Asked) => Answer) => {
    return (...asked: Asked) => {
      calls += 1;
      return ask(...asked);
    };
  };
  const find = counted(control.find) as ControlStore['find'];
  const due = counted(control.due) as ControlStore['due'];
  return { control: { ...control, find, due, commit: counted(control.commit) }, calls: () => calls };
}

const arnOf = (at: number) => anArn(`key-${at}`);
