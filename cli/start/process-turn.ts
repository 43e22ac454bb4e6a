/** One process of this machine at a time: whoever comes later waits for a folder that the others have taken. */
import { FolderInUse, type TakenFolder, takeFolder } from 'safe-files/folder-lock';
import { until } from './wait-until';

const PATIENCE_MS = 120_000;

/** Runs the task while no other process runs one under the same folder. */
export async function oneAtATime<Result>(folder: string, run: () => Promise<Result>): Promise<Result> {
  let giveBack = () => {};
  const take = async () => {
    const taken = await takeIfFree(folder);
    if (taken) giveBack = taken.giveBack;
    return taken !== undefined;
  };
  await until(`another process ends its work in ${folder}`, take, PATIENCE_MS);
  try {
    return await run();
  } finally {
    giveBack();
  }
}

async function takeIfFree(folder: string): Promise<TakenFolder | undefined> {
  try {
    return await takeFolder(folder);
  } catch (error) {
    if (error instanceof FolderInUse) return undefined;
    throw error;
  }
}
