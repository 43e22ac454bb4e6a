/** Small files of an output folder: written whole, and not touched when they say so already. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Safe to repeat: the same text leaves the file, its times included, as it is. */
export function writeIfChanged(path: string, text: string, options: { readonly mode?: number } = {}): void {
  if (saysSo(path, text)) return;
  mkdirSync(dirname(path), { recursive: true });
  // What somebody left there, a pipe for example, is not written into.
  rmSync(`${path}.new`, { recursive: true, force: true });
  writeFileSync(`${path}.new`, text, { ...options, flag: 'wx' });
  renameSync(`${path}.new`, path);
}

function saysSo(path: string, text: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  const mayBe = stats?.isFile() && stats.size === Buffer.byteLength(text);
  return mayBe === true && readFileSync(path, 'utf8') === text;
}
