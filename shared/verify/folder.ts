/** A log in a folder of this machine. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogReader } from './reader';

export function folderReader(folder: string): LogReader {
  return {
    async read(path) {
      try {
        return await readFile(join(folder, path));
      } catch (error) {
        // A folder where a file should be is as good as no file.
        if (error instanceof Error && 'code' in error && ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(String(error.code))) {
          return undefined;
        }
        throw error;
      }
    },
  };
}
