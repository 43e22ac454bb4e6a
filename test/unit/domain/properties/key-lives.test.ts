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
  const sum = { faults: 0, facts: 0, jobs: 0 };
  const life = fc.asyncProperty(fc.nat(), async (seed) => {
    const { faults, facts, jobs } = await playKeyLife(seed);
    sum.faults += faults;
    sum.facts += facts;
    sum.jobs += jobs;
  });

  await fc.assert(life, { numRuns: RUNS, seed: DRAW, endOnFailure: true });

  console.log(
    `${RUNS} lives of draw ${DRAW}: ${sum.faults} faults, ${sum.facts} facts, ${sum.jobs} re-encryption jobs`,
  );
}, 120_000);
