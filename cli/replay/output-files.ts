/** Small files of an output folder: written whole, and not touched when they say so already. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Safe to repeat: the same text leaves the file, its times included, as it is. */
export function writeIfChanged(path: string, text: string, options: { readonly mode?: number } = {}): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text, options);
  renameSync(`${path}.new`, path);
}
