/** Reads files that somebody else may have put there: nothing but regular files, and no more than they may hold. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** Its message names the path, and is for people. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
}

/**
 * The bytes of a regular file. Links are followed: what counts is what they lead to. Never waits for a pipe's writer or a
 * device, and looks at the size before it reads.
 *
 * @throws FileRefused for anything but a file of at most `bytesMax` bytes; Error of node:fs.
 */
export function readFileWithin(path: string, bytesMax: number): Buffer {
  refuseOthers(path, statSync(path), bytesMax);
  // Between the look and the opening it may have become something else.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    refuseOthers(path, stat, bytesMax);
    const bytes = Buffer.alloc(stat.size);
    let end = 0;
    for (let count = -1; count !== 0; end += count) count = readSync(file, bytes, end, bytes.length - end, end);
    return bytes.subarray(0, end);
  } finally {
    closeSync(file);
  }
}

function refuseOthers(path: string, stat: Stats, bytesMax: number): void {
  if (!stat.isFile()) throw new FileRefused(`${path} is ${kindOf(stat)}, not a file. Name a file.`);
  if (stat.size > bytesMax) throw new FileRefused(`${path} has ${stat.size} bytes; it may have ${bytesMax}.`);
}

/** What is there in place of a file, in words. */
export function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder';
  if (stat.isFIFO()) return 'a named pipe';
  return stat.isSocket() ? 'a socket' : 'a device';
}
