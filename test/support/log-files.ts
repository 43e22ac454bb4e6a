/** CloudTrail log files for tests, and the folders that a replay makes of them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundlePath, entriesOf } from '../../shared/domain/audit/log/layout';

export interface WorkFolder {
  readonly path: string;
  /** Writes a file, folders included. @returns its path. */
  file(name: string, content: string | Uint8Array): string;
  remove(): void;
}

export function workFolder(): WorkFolder {
  const path = mkdtempSync(join(tmpdir(), 'keywright-test-'));
  return {
    path,
    file(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(path, { recursive: true }),
  };
}

/** As CloudTrail writes it. */
export function logOf(records: readonly unknown[]): string {
  return JSON.stringify({ Records: records });
}

/** Every file below a folder: its path, bytes, and when it was last written. */
export function snapshotOf(
  folder: string,
): Readonly<Record<string, { readonly text: string; readonly writtenMs: number }>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
  return Object.fromEntries(
    files.map((path) => [path, { text: readFileSync(path, 'latin1'), writtenMs: statSync(path).mtimeMs }]),
  );
}

/** The entries of a stream of fewer than 256, as JSON. */
export const entriesIn = (stream: string): readonly Readonly<Record<string, unknown>>[] =>
  textsIn(stream).map((text) => JSON.parse(text));

/** Their text. */
export function textsIn(stream: string): readonly string[] {
  const size = Number(readFileSync(join(stream, 'checkpoint'), 'utf8').split('\n')[1]);
  if (size === 0) return [];
  const bundle = readFileSync(join(stream, bundlePath(0, size)));
  return entriesOf(bundle).map((bytes) => Buffer.from(bytes).toString());
}
