/** Folders of what local AWS keeps: key material, secrets of sessions, what customers' data comes to. */
import { chmodSync, mkdirSync } from 'node:fs';
import { onFile } from './file-errors';

const OWNER_ONLY = 0o700;

/** Makes a folder that its owner alone may enter, or makes it so. Safe to repeat. */
export function privateFolder(path: string): void {
  onFile(path, () => {
    mkdirSync(path, { recursive: true, mode: OWNER_ONLY });
    chmodSync(path, OWNER_ONLY);
  });
}
