/** The tarball as a customer has it: installed in an empty folder, offline, and run on what `keywright replay` wrote. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { aKmsRecord, anEventId, KEY } from '../../../test/support/cloudtrail-records';
import { logOf } from '../../../test/support/log-files';

const ROOT = resolve(__dirname, '../../..');
const PACKAGE = join(ROOT, 'packages/keywright-verify');
const LINES_MAX = 1000;
/** What judges no whole stream: the command, entries and proofs by themselves, and what is signed beside streams. */
const BESIDE = ['command', 'main', 'entries', 'proofs', 'certificate', 'sla-statement', 'signed-statement'];
/** Two bundles and a part of a third. */
const ENTRIES = 600;

// It starts npm and Node.js time and again.
jest.setTimeout(120_000);

const home = mkdtempSync(join(tmpdir(), 'packed-'));
const streams = join(home, 'streams');
let contents: readonly string[];

beforeAll(async () => {
  const run = promisify(execFile);
  const [packed] = await Promise.all([
    run('npm', ['pack', '-w', 'keywright-verify', '--json', '--pack-destination', home], { cwd: ROOT }),
    replayed(),
  ]);
  // A script that prints comes before it.
  const [{ filename, files }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
  contents = files.map(({ path }: { readonly path: string }) => path);
  mkdirSync(join(home, 'empty'));
  const install = ['install', join(home, basename(filename)), '--offline', '--no-audit', '--no-fund'];
  await run('npm', install, { cwd: join(home, 'empty') });
});
afterAll(() => rmSync(home, { recursive: true }));

function replayed() {
  const customers = { customers: [{ customerId: 'acme', kmsKeys: [KEY] }] };
  writeFileSync(join(home, 'customers.json'), JSON.stringify(customers));
  const numbers = Array.from({ length: ENTRIES }, (_, at) => at);
  writeFileSync(join(home, 'log.json'), logOf(numbers.map((number) => aKmsRecord({ eventID: anEventId(number) }))));
  const args = ['replay', join(home, 'log.json'), '--customers', join(home, 'customers.json'), '--out', streams];
  return promisify(execFile)(process.execPath, ['cli/keywright.mjs', ...args], { cwd: ROOT });
}

const ENVIRONMENT = { ...process.env, FORCE_COLOR: '', NO_COLOR: '' };

/** As a customer types it, in the folder where it was installed. */
async function keywrightVerify(...args: readonly string[]) {
  const child = spawn('npx', ['--no-install', 'keywright-verify', ...args], {
    cwd: join(home, 'empty'),
    env: ENVIRONMENT,
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code };
}

const key = () => join(streams, 'public-keys');

test('what replay wrote is verified, with the key or the file it is in', async () => {
  const line = readFileSync(key(), 'utf8').trim();

  for (const publicKey of [key(), line]) {
    const { out, err, code } = await keywrightVerify(join(streams, 'acme'), '--public-key', publicKey);
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(/^keywright\/audit\/acme: verified\n {2}600 entries, root hash \S{43}=\n$/);
  }
});

test('a changed entry is named by its index, with exit code 1', async () => {
  const bad = join(home, 'bad');
  cpSync(join(streams, 'acme'), bad, { recursive: true });
  const bundle = join(bad, 'tile/entries/001');
  const bytes = readFileSync(bundle);
  // The last byte of its first entry, behind its length.
  bytes[1 + bytes.readUInt16BE(0)] = 0x20;
  writeFileSync(bundle, bytes);

  const { out, code } = await keywrightVerify(bad, '--public-key', key());

  expect(code).toBe(1);
  expect(out).toContain('NOT VERIFIED');
  expect(out).toContain('first bad entry: 256\n');
  expect(out).not.toContain('\u001b');
});

test('the help tells of exit codes and examples', async () => {
  const { out, code } = await keywrightVerify('--help');

  expect(code).toBe(0);
  for (const said of ['Exit code: 0', '$ npx keywright-verify ./acme --public-key']) expect(out).toContain(said);
});

test('whoever reads one line of it and leaves is told nothing', async () => {
  const bin = join(home, 'empty/node_modules/.bin/keywright-verify');
  const child = spawn(bin, [streams, '--public-key', key(), '--json'], { env: ENVIRONMENT });
  child.stdout.destroy();

  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);

  expect({ err, code }).toEqual({ err: '', code: 141 });
});

test('it depends on nothing, runs nothing when it is installed, and brings its licence and its sources', () => {
  const installed = join(home, 'empty/node_modules/keywright-verify');
  const { dependencies, scripts, license, engines } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));

  expect({ dependencies, license, engines }).toEqual({ license: 'Apache-2.0', engines: { node: '>=20.19' } });
  expect(Object.keys(scripts).filter((name) => /install|prepare/.test(name))).toEqual([]);
  expect(readdirSync(join(home, 'empty/node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'keywright-verify',
  ]);
  for (const file of ['LICENSE', 'README.md', 'log.ts', 'dist/keywright-verify.mjs']) expect(contents).toContain(file);
  expect(contents.filter((file) => file.startsWith('test/'))).toEqual([]);
  expect(readFileSync(join(installed, 'LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'));
});

const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n').length;

test('what judges a stream is short enough to be read in an hour, and so is all that runs', () => {
  const tracked = execFileSync('git', ['ls-files', '*.ts'], { cwd: PACKAGE, encoding: 'utf8' }).trim().split('\n');
  const judging = tracked.filter((file) => !file.includes('/') && !BESIDE.includes(basename(file, '.ts')));

  expect(judging).toContain('log.ts');
  expect(judging.map((file) => linesOf(join(PACKAGE, file))).reduce((sum, lines) => sum + lines, 0)).toBeLessThan(
    LINES_MAX,
  );
  expect(linesOf(join(PACKAGE, 'dist/keywright-verify.mjs'))).toBeLessThan(LINES_MAX);
});
