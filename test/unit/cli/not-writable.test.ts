/** The product where another user installed it: nothing can be written beside it, here not even by root. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const SOURCES = ['cli', 'events', 'functions', 'infra', 'packages', 'shared', 'package.json', 'package-lock.json'];
/** Where the kernel lets nobody make a folder. */
const NOBODYS = '/sys/kernel';

const place = mkdtempSync(join(tmpdir(), 'not-writable-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const installed = join(place, 'installed');
const [own, temporary] = [join(place, 'own'), join(place, 'temporary')];
beforeAll(() => {
  for (const folder of [installed, own, temporary]) mkdirSync(folder);
  for (const source of [...SOURCES, 'serverless.yml'])
    cpSync(join(ROOT, source), join(installed, source), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
  symlinkSync(NOBODYS, join(installed, '.build'));
  writeFileSync(join(own, 'log.json'), '{"Records":[]}');
});

function keywright(args: readonly string[], env: Readonly<Record<string, string>> = { TMPDIR: temporary }) {
  const program = join(installed, 'cli/keywright.mjs');
  return spawnSync(process.execPath, [program, ...args], {
    cwd: own,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
}

test.each([
  ['--help', ['--help'], 0, /Usage: keywright/],
  ['replay', ['replay', 'log.json', '--out', 'streams'], 0, /CloudTrail records/],
  ['audit', ['audit', 'verify', 'streams', '--public-key', 'none'], 2, /There is no file none/],
])('%s works, and leaves nothing behind', (_, args, code, words) => {
  const { stdout, stderr, status } = keywright(args);

  expect(`${stdout}${stderr}`).toMatch(words);
  expect(status).toBe(code);
  expect(readdirSync(temporary)).toEqual([]);
});

test('start, with functions that nobody packaged, says in one sentence who can', () => {
  const { stderr, status } = keywright(['start', '--once']);

  expect(stderr).toBe(
    `${installed} is not yours to write, and the functions are not packaged there. Have its owner run npm start -- --once there, or run a copy of your own.\n`,
  );
  expect(status).toBe(2);
});

test('where nothing temporary can be written either, both places are named', () => {
  const { stderr, status } = keywright(['--help'], { TMPDIR: join(place, 'nowhere') });

  expect(stderr).toMatch(/^keywright does not start: .*\.build or, .* \(TMPDIR\)\.\n$/);
  expect(status).toBe(2);
});
