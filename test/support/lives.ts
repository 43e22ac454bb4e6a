/** Random lives: played from seeds, the same in each build, so that what a build finds was changed. */
import fc from 'fast-check';
import { inThread } from './in-thread';

/** `SEED=n` plays that one life, `RUNS=n` so many (1000 in the long suite), `DRAW=n` others. */
const { SEED, RUNS = 200, DRAW = 1 } = process.env;

export interface Lives<Summary> {
  /** How many were played. */
  readonly count: number;
  /** What each counted, together. */
  readonly sum: Summary;
}

/**
 * Plays lives, and prints what they counted.
 *
 * @param source The path of a TypeScript file below the root.
 * @param name What it exports: plays the life of a seed to its end, gives what it counted, and throws where a law is broken.
 */
export async function playLives<Summary extends object>(source: string, name: string): Promise<Lives<Summary>> {
  const thread = inThread<Summary>(source, name);
  const sum: Record<string, number> = {};
  let count = 0;
  const play = async (seed: number) => {
    for (const [what, times] of Object.entries(await thread.play(seed))) sum[what] = (sum[what] ?? 0) + Number(times);
    count += 1;
  };
  try {
    if (SEED !== undefined) await play(Number(SEED));
    else
      await fc.assert(fc.asyncProperty(fc.nat(), play), {
        numRuns: Number(RUNS),
        seed: Number(DRAW),
        endOnFailure: true,
      });
  } finally {
    await thread.stop();
  }
  console.log(`${name}, ${count} lives of draw ${DRAW}: ${JSON.stringify(sum)}`);
  return { count, sum: sum as Summary };
}
