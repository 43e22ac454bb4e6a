/** What `in-thread.ts` runs: plays seed after seed. */
import { parentPort, workerData } from 'node:worker_threads';
import { importTypeScript } from '../../infra/import-typescript.mjs';

const { [workerData.name]: play } = await importTypeScript(workerData.source);

parentPort.on('message', async (seed) => {
  try {
    parentPort.postMessage({ answer: await play(seed) });
  } catch (error) {
    parentPort.postMessage({ error });
  }
});
