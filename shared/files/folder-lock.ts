/** One process a folder: two that append to the same journal would each lose what the other wrote. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Its message is for people, and says the way out. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/**
 * Takes the folder for this process. One that was killed left its name behind, and takes nothing any more.
 *
 * @returns gives it back.
 * @throws FolderInUse when another process has it.
 */
export function takeFolder(folder: string): () => void {
  const file = join(folder, 'in-use-by');
  mkdirSync(folder, { recursive: true });
  const holder = holderOf(file);
  if (holder !== undefined && holder !== process.pid && isAlive(holder)) {
    throw new FolderInUse(
      `${folder} is in use by process ${holder}. End it, or choose another folder. If that process is something else, delete ${file}.`,
    );
  }
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

function holderOf(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Signal 0 only asks. A process that may not be asked is one. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
