import fc from 'fast-check';
import { playKeyLife } from './key-lives';

/**
 * `SEED=n` plays that one life; `RUNS=n` plays so many. A build plays the same lives each time, so that what it finds was
 * changed; `DRAW=n` draws others.
 */
const SEED = process.env['SEED'];
const RUNS = Number(process.env['RUNS'] ?? 1000);
const DRAW = Number(process.env['DRAW'] ?? 1);

test('whatever fails, comes twice or comes late, no key loses a data key, and everything comes to an end', async () => {
  if (SEED !== undefined) {
    console.log(await playKeyLife(Number(SEED)));
    return;
  }
  const sum = { faults: 0, facts: 0, jobs: 0, retired: 0, deleted: 0 };
  const lives = fc.asyncProperty(fc.nat(), async (seed) => {
    const life = await playKeyLife(seed);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += life[name];
  });

  await fc.assert(lives, { numRuns: RUNS, seed: DRAW, endOnFailure: true });

  console.log(
    `${RUNS} lives of draw ${DRAW}: ${sum.faults} faults, ${sum.facts} facts, ${sum.jobs} re-encryption jobs, ` +
      `${sum.retired} keys retired, ${sum.deleted} of them deleted`,
  );
}, 120_000);
