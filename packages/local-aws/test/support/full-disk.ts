/** A disk that is full, for one file that this process has open: the kernel itself refuses, no code of ours is replaced. */
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';

/** From here on every write to the file is answered as by a full disk: its descriptor leads to /dev/full instead. */
export function fillDiskUnder(file: string): void {
  const descriptor = Number(readdirSync('/proc/self/fd').find((name) => targetOf(name) === file));
  closeSync(descriptor);
  // The system gives the lowest number that is free.
  const opened: number[] = [];
  while (opened.at(-1) !== descriptor) opened.push(openSync('/dev/full', 'a'));
  for (const other of opened.slice(0, -1)) closeSync(other);
}

function targetOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // The one that the folder was listed with is closed again.
    return undefined;
  }
}
