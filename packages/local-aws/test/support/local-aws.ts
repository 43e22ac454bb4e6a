/** A whole local AWS for tests, with small functions of the test's own. */
import { buildSync } from 'esbuild';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../aws';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';

/** Starts one in memory, or in the folder given. Stop it: `dynoxide` is a process of its own. */
export async function localAws(options: LocalAwsOptions = {}) {
  const aws = await startLocalAws(options);
  return { aws, client: clientSettings(aws, ACCOUNT) };
}

/** What every client of the SDK takes to speak to it as an account's administrator. */
export function clientSettings(aws: LocalAws, accountId: string) {
  return { endpoint: aws.url, region: aws.region, credentials: aws.credentials(accountId), maxAttempts: 1 };
}

/**
 * A function's module with what it imports, as one text. Small enough for a template's `ZipFile`, which AWS reads as
 * CommonJS.
 */
export function bundle(source: string): string {
  const { outputFiles } = buildSync({
    stdin: { contents: source, resolveDir: __dirname, loader: 'js' },
    bundle: true,
    write: false,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
  });
  return outputFiles[0]?.text ?? '';
}
