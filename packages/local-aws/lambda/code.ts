/**
 * A function's code on disk: the packaged zip unpacked once per content, or a folder used where it lies.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { AwsError } from '../call';

export type Code = { readonly zip: Uint8Array } | { readonly folder: string };

/** The file endings that the Node.js runtime tries for a module, in this order of ours. */
const ENDINGS = ['.mjs', '.js', '.cjs'];

/**
 * Puts the code where a worker can load it.
 *
 * Safe to repeat, and after a kill in the middle: the folder takes its final name only when it is whole.
 *
 * @returns the folder, and a hash that changes with the code.
 */
export function unpack(code: Code, cacheFolder: string, handler: string): { folder: string; sha256: string } {
  if ('folder' in code) {
    const { modulePath } = entryOf(code.folder, handler);
    return { folder: code.folder, sha256: sha256Of(readFileSync(modulePath)) };
  }
  const sha256 = sha256Of(code.zip);
  const folder = join(cacheFolder, sha256);
  if (!existsSync(folder)) {
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    writeFiles(code.zip, partial);
    renameSync(partial, folder);
  }
  entryOf(folder, handler);
  return { folder, sha256 };
}

/** The module and export that a handler such as `index.handler` names. */
export function entryOf(folder: string, handler: string): { modulePath: string; exportName: string } {
  const dot = handler.lastIndexOf('.');
  const stem = join(folder, handler.slice(0, dot));
  const modulePath = ENDINGS.map((ending) => stem + ending).find((path) => existsSync(path));
  if (dot < 1 || modulePath === undefined)
    throw new AwsError(
      'InvalidParameterValueException',
      `Handler '${handler}': the code has no module '${handler.slice(0, Math.max(dot, 0))}' (${ENDINGS.join(', ')}).`,
    );
  return { modulePath, exportName: handler.slice(dot + 1) };
}

function writeFiles(zip: Uint8Array, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    const path = join(folder, name);
    if (!path.startsWith(folder + sep))
      throw new AwsError('InvalidParameterValueException', `Zip entry '${name}' leaves its folder.`);
    if (name.endsWith('/')) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
