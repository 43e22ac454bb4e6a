/**
 * Packages the product as `npm run package` does, unless nothing changed since the last time. Commands that are started
 * at the same time wait for the one that packages.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalAwsFault } from 'local-aws/start-refused';
import { oneAtATime } from './process-turn';

const run = promisify(execFile);

/** What a package is made from. */
const SOURCES = [
  'functions',
  'shared',
  'events',
  'packages/keywright-envelope',
  'packages/keywright-verify',
  'packages/safe-files',
  'serverless.yml',
  'infra/template.cjs',
  'infra/build.mjs',
  'package-lock.json',
];

/** What is made, and what no bundle holds. */
const NOT_PACKAGED = new Set(['dist', 'node_modules', 'test']);

const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';

export interface Package {
  readonly template: Record<string, unknown>;
  /** Where the functions' zip files lie. */
  readonly artifacts: string;
  /** False when an earlier package was still good. */
  readonly fresh: boolean;
}

export async function packageOf(root: string): Promise<Package> {
  const lock = join(root, '.build', 'packaging');
  const fresh = !isPackaged(root) && (await asOwner(root, lock));
  return {
    template: JSON.parse(readFileSync(join(root, TEMPLATE), 'utf8')),
    artifacts: join(root, '.build', 'functions'),
    fresh,
  };
}

/** What was installed by one user may be run by others, once it is packaged: they write nothing there. */
async function asOwner(root: string, lock: string): Promise<boolean> {
  try {
    return await oneAtATime(lock, async () => !isPackaged(root) && makePackage(root));
  } catch (error) {
    if (!NOT_OURS.has(Object(error).code)) throw error;
    throw new LocalAwsFault(
      `${root} is not yours to write, and the functions are not packaged there. Have its owner run npm start -- --once there, or run a copy of your own.`,
      { cause: error },
    );
  }
}

/** Source: POSIX, errno.h. */
const NOT_OURS = new Set(['EACCES', 'EPERM', 'EROFS']);

const stampOf = (root: string) => join(root, '.build', 'package.sha256');

/** Of another stage, which `serverless deploy --stage` packages into the same place, the template is another one. */
function isPackaged(root: string): boolean {
  const [stamp, template] = [stampOf(root), join(root, TEMPLATE)];
  if (!existsSync(stamp) || !existsSync(template)) return false;
  return readFileSync(stamp, 'utf8') === stampFor(digestOf(root), template);
}

const stampFor = (sources: string, template: string) =>
  `${sources} ${createHash('sha256').update(readFileSync(template)).digest('hex')}`;

/** The stamp comes last: what was broken off is made anew. */
async function makePackage(root: string): Promise<true> {
  const sources = digestOf(root);
  rmSync(stampOf(root), { force: true });
  await packagingRun(root, ['infra/build.mjs']);
  await packagingRun(root, ['node_modules/serverless/bin/serverless.js', 'package']);
  writeFileSync(stampOf(root), stampFor(sources, join(root, TEMPLATE)));
  return true;
}

async function packagingRun(cwd: string, args: readonly string[]): Promise<void> {
  try {
    await run(process.execPath, args, { cwd, env: { ...process.env, ...NO_CREDENTIALS } });
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: string };
    const why = stderr.split('\n').find((line) => /error|ENOSPC|EROFS|EACCES/i.test(line)) ?? message.split('\n', 1)[0];
    throw new LocalAwsFault(`The functions could not be packaged: ${why?.trim()} (npm run package shows all of it)`);
  }
}

/** Packaging asks AWS nothing, yet wants to see credentials. */
const NO_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none', AWS_REGION: 'eu-central-1' };

function digestOf(root: string): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) addTo(hash, join(root, source), source);
  return hash.digest('hex');
}

function addTo(hash: ReturnType<typeof createHash>, path: string, name: string): void {
  const entries = existsSync(path) ? childrenOf(path) : [];
  if (entries) for (const entry of entries) addTo(hash, join(path, entry), `${name}/${entry}`);
  else hash.update(`${name}\0`).update(readFileSync(path));
}

/** Undefined for a file. */
function childrenOf(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path)
      .filter((name) => !NOT_PACKAGED.has(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
