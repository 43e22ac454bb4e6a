/** The bytes of objects: one file each under a folder, or in memory when there is none. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onFile } from '../file-errors';
import { privateFolder } from '../private-folder';

export interface Bodies {
  /** Keeps the bytes and answers with the id to read them by. */
  put(bytes: Uint8Array): string;
  read(id: string): Uint8Array;
  delete(id: string): void;
  /** Removes bytes that no object refers to: left behind by a kill between writing them and writing the object's row. */
  sweep(isReferred: (id: string) => boolean): void;
}

export function memoryBodies(): Bodies {
  const bodies = new Map<string, Uint8Array>();
  return {
    put(bytes) {
      const id = randomUUID();
      bodies.set(id, Uint8Array.from(bytes));
      return id;
    },
    read: (id) => bodies.get(id) ?? new Uint8Array(),
    delete: (id) => bodies.delete(id),
    sweep: () => undefined,
  };
}

/**
 * A file is written once, under a name of its own, before the row that refers to it: no row ever refers to half a file,
 * and an overwritten object is the old one or the new one whenever the process dies.
 */
export function folderBodies(folder: string): Bodies {
  privateFolder(folder);
  const pathOf = (id: string) => join(folder, id);
  return {
    put(bytes) {
      const id = randomUUID();
      onFile(pathOf(id), () => writeFileSync(pathOf(id), bytes));
      return id;
    },
    read: (id) => readFileSync(pathOf(id)),
    delete: (id) => rmSync(pathOf(id), { force: true }),
    sweep(isReferred) {
      for (const id of readdirSync(folder)) if (!isReferred(id)) rmSync(pathOf(id), { force: true });
    },
  };
}
