/**
 * Random lives in a thread of their own. Jest runs each test in an asynchronous context of Node's, which makes every promise
 * of its thread several times slower; lives are made of little else.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface Thread<Answer> {
  /** Plays the life of a seed. Throws what the life throws. */
  play(seed: number): Promise<Answer>;
  stop(): Promise<unknown>;
}

/**
 * @param source The path of a TypeScript file below the root.
 * @param name What it exports: takes a seed, and gives what can be cloned.
 */
export function inThread<Answer>(source: string, name: string): Thread<Answer> {
  const worker = new Worker(join(__dirname, 'thread.mjs'), { workerData: { source, name } });
  return {
    play: (seed) =>
      new Promise((resolve, reject) => {
        worker.once('error', reject);
        worker.once('message', ({ answer, error }: { answer: Answer; error?: Error }) => {
          worker.off('error', reject);
          if (error) reject(error);
          else resolve(answer);
        });
        worker.postMessage(seed);
      }),
    stop: () => worker.terminate(),
  };
}
