/**
 * How another terminal becomes the provider's administrator of the local AWS that runs: by one line that reads a file.
 * The secret is in that file alone, readable by its owner, and never on the screen, where a log or a recording keeps it.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LocalAws } from 'local-aws/aws';
import { onFile } from 'local-aws/on-file';
import { PROVIDER_ACCOUNT } from './customers';

/** What a terminal may hold for another AWS, and would be taken before what the file says. */
const OTHERS = ['AWS_SESSION_TOKEN', 'AWS_PROFILE'];

export interface AdministratorFile {
  /** The line for the other terminal. */
  readonly line: string;
  /** The secret ends with this run, and so does the file. */
  remove(): void;
}

/** Writes the file into local AWS's own folder; one that an earlier run left there is overwritten. */
export function administratorFile(aws: Pick<LocalAws, 'folder' | 'url' | 'region' | 'credentials'>): AdministratorFile {
  const path = resolve(join(aws.folder, 'administrator.env'));
  const { accessKeyId, secretAccessKey } = aws.credentials(PROVIDER_ACCOUNT);
  const variables = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: aws.region,
    AWS_DEFAULT_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.url,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`);
  // A file that is there keeps the mode it has.
  rmSync(path, { force: true });
  onFile(path, () =>
    writeFileSync(path, `unset ${OTHERS.join(' ')}\n${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' }),
  );
  return { line: `. ${quoted(path)}`, remove: () => rmSync(path, { force: true }) };
}

/** As any shell reads it back, whatever is in it. */
const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
