/** A log in a folder of this machine. */
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from './note';
import type { LogReader } from './reader';

/** There is no file when a folder on the way to it is none. */
const NO_FILE: readonly unknown[] = ['ENOENT', 'ENOTDIR'];

/** Takes regular files only, and follows links to such: a pipe or a device may never end, or never begin. */
export function folderReader(folder: string): LogReader {
  return {
    async read(path, bytesMax) {
      try {
        refuseOthers(path, await stat(join(folder, path)), bytesMax);
        return await readWithin(folder, path, bytesMax);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (error instanceof Refusal) throw error;
        if (NO_FILE.includes(code)) return undefined;
        throw new Refusal('file-refused', `${path} cannot be read (${code ?? String(error)}).`);
      }
    },
  };
}

async function readWithin(folder: string, path: string, bytesMax: number): Promise<Uint8Array> {
  const file = await open(join(folder, path), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // Looked at once more: it may have become something else before it was opened.
    const { size } = refuseOthers(path, await file.stat(), bytesMax);
    const bytes = new Uint8Array(size);
    let end = 0;
    for (let count = -1; count !== 0; end += count) {
      count = (await file.read(bytes, end, size - end, end)).bytesRead;
    }
    return bytes.subarray(0, end);
  } finally {
    await file.close();
  }
}

type Stats = Awaited<ReturnType<typeof stat>>;

function refuseOthers(path: string, stats: Stats, bytesMax: number): { readonly size: number } {
  if (!stats.isFile()) throw new Refusal('file-refused', `${path} is no regular file.`);
  const size = Number(stats.size);
  if (size > bytesMax) {
    throw new Refusal('file-refused', `${path} has ${size} bytes; in a log it has ${bytesMax} at most.`);
  }
  return { size };
}
