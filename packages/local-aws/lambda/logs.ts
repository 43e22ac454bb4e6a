/**
 * What functions print: the last lines of each in memory, all of them in one file a function when there is a folder,
 * and each to whoever listens. A line is written to the file before anything else happens, so a kill loses none.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { onFile } from '../file-errors';
import { privateFolder } from '../private-folder';

export interface Logs {
  write(functionName: string, line: string): void;
  /** The last lines of a function, oldest first. */
  of(functionName: string): readonly string[];
}

const LINES_KEPT_MAX = 1_000;

const append = (path: string, text: string) => onFile(path, () => appendFileSync(path, text));

export function logs(options: {
  folder?: string | undefined;
  onLog?: ((functionName: string, line: string) => void) | undefined;
}): Logs {
  const kept = new Map<string, string[]>();
  if (options.folder !== undefined) privateFolder(options.folder);
  return {
    write(functionName, line) {
      if (options.folder !== undefined) append(join(options.folder, `${functionName}.log`), `${line}\n`);
      const lines = kept.get(functionName) ?? [];
      kept.set(functionName, lines);
      lines.push(line);
      // Cut in large steps: dropping one line at a time would move all of them for each line printed.
      if (lines.length > 2 * LINES_KEPT_MAX) lines.splice(0, LINES_KEPT_MAX);
      options.onLog?.(functionName, line);
    },
    of: (functionName) => (kept.get(functionName) ?? []).slice(-LINES_KEPT_MAX),
  };
}
