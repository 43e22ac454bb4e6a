/** A log in a folder of this machine. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogReader } from './reader';

/** A folder where a file should be, or a file where a folder should be, is as good as no file. */
const NO_FILE: readonly unknown[] = ['ENOENT', 'EISDIR', 'ENOTDIR'];

export function folderReader(folder: string): LogReader {
  return {
    async read(path) {
      try {
        return await readFile(join(folder, path));
      } catch (error) {
        if (NO_FILE.includes((error as NodeJS.ErrnoException).code)) return undefined;
        throw error;
      }
    },
  };
}
