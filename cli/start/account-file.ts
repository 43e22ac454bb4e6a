/**
 * How another terminal becomes an account's administrator on the local AWS that runs: by one line that reads a file.
 * The secret is in that file alone, readable by its owner, and never on the screen, where a log or a recording keeps it.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LocalAws } from 'local-aws/aws';
import { onFile } from 'local-aws/file-errors';
import { administratorVariables, OF_ANOTHER_AWS } from './administrator';

export interface AccountFile {
  /** The line for the other terminal. */
  readonly line: string;
  /** The secret ends with this run, and so does the file. */
  remove(): void;
}

/** Writes the file into local AWS's own folder; one that an earlier run left there is overwritten. */
export function accountFile(
  aws: Pick<LocalAws, 'folder' | 'url' | 'region' | 'credentials'>,
  accountId: string,
  name: string,
): AccountFile {
  const path = resolve(join(aws.folder, `${name}.env`));
  const lines = Object.entries(administratorVariables(aws, accountId)).map(
    ([name, value]) => `export ${name}=${value}`,
  );
  // A file that is there keeps the mode it has.
  rmSync(path, { force: true });
  onFile(path, () =>
    writeFileSync(path, `unset ${OF_ANOTHER_AWS.join(' ')}\n${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' }),
  );
  return { line: `. ${quoted(path)}`, remove: () => rmSync(path, { force: true }) };
}

/** As any shell reads it back, whatever is in it. */
const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
