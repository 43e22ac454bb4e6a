/** What the machine refuses and what becomes of output that nobody reads: the command in processes of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineFault } from '../../cli/output/machine-fault';

const root = join(__dirname, '../..');
const program = join(root, 'cli/keywright.mjs');
const folder = mkdtempSync(join(tmpdir(), 'machine-fault-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keywright(args: readonly string[], stdout: 'pipe' | number = 'pipe') {
  const env = { ...process.env, AWS_REGION: 'eu-central-1' };
  const options = { cwd: folder, env, encoding: 'utf8', timeout: 20_000 } as const;
  return spawnSync(process.execPath, [program, ...args], { ...options, stdio: ['ignore', stdout, 'pipe'] });
}

const inFolder = (name: string) => join(folder, name);
const long = 'x'.repeat(300);
writeFileSync(inFolder('file'), 'text');
mkdirSync(inFolder('folder'));

test.each([
  ['retire verify', ['retire', 'verify', 'nothing', '--key', 'k'], /^nothing: there is no such file or folder\./],
  ['retire verify', ['retire', 'verify', long, '--key', 'k'], /^x+: the name is too long\./],
  [
    'audit verify',
    ['audit', 'verify', 'folder', '--public-key', 'folder'],
    /^folder is a folder, not a file\. Name a file\./,
  ],
  ['replay', ['replay', 'nothing', '--out', 'out'], /^error: nothing: there is no such file or folder\./],
  ['replay', ['replay', 'folder', '--out', 'file/out'], /^error: .*file.*: a folder is wanted, and a file is there\./],
])('%s says in a sentence what the machine refuses, and ends with 2', (_, args, sentence) => {
  const { status, stderr } = keywright(args);

  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(status).toBe(2);
});

test.each([
  ['a folder', ['replay', 'file', '--out', ''], /^error: --out is empty\./],
  ['a key', ['replay', 'file', '--out', 'o', '--signing-key', ''], /^error: --signing-key is empty\./],
  ['an argument', ['audit', 'verify', '', '--public-key', 'k'], /^error: an argument is empty\./],
  [
    'a key that is no file',
    ['audit', 'verify', 'folder', '--public-key', 'kee'],
    /^There is no file kee, and a public key reads/,
  ],
])('%s of an unset variable or of a slip is told, and nothing is written', (_, args, sentence) => {
  const before = readdirSync(folder);
  const { status, stderr } = keywright(args);

  expect(stderr).toMatch(sentence);
  expect(status).toBe(2);
  expect(readdirSync(folder)).toEqual(before);
});

test('output that the disk does not take is told', () => {
  const full = spawnSync('/bin/sh', ['-c', `"${process.execPath}" "${program}" --help >/dev/full`], {
    encoding: 'utf8',
    timeout: 20_000,
  });

  expect(full.stderr).toBe('The disk is full. Free some space, or name a place on another disk; then run it again.\n');
  expect(full.status).toBe(2);
});

test('a reader that has seen enough ends the command without a word', async () => {
  const child = spawn(process.execPath, [program, 'keys', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));

  expect(said).toBe('');
  expect(code).toBe(141);
});

describe('start', () => {
  const startWith = (...args: string[]) => keywright(['start', '--once', ...args]);

  test.each([
    ['a file', 'file', /: something else is there already\./],
    ['a place below a file', 'file/state', /: a folder is wanted, and a file is there\./],
    ['a name that is too long', long, /: the name is too long\./],
    ['a place where nothing can be written', '/sys/state', /: (it lies where nothing|you may not)/],
  ])('with %s for its data says so, and ends with 2', (_, data, sentence) => {
    const { status, stderr } = startWith('--data', data);

    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });

  test('with a report that has no place says so before it runs anything, and ends with 2', () => {
    const { status, stdout, stderr } = startWith('--report', 'nowhere/run.json');

    expect(stderr).toBe('nowhere/run.json: there is no such file or folder. Is the name right?\n');
    expect([status, stdout]).toEqual([2, '']);
  });

  test('on a port that somebody has says so, leaves nothing running, and ends with 2', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };

    const { status, stderr } = startWith('--port', String(port));
    await new Promise((resolve) => other.close(resolve));

    expect(stderr).toBe(
      `Port ${port} is in use by another program. Choose another with --port, or leave --port out for a free one.\n`,
    );
    expect(status).toBe(2);
  });

  test.each([
    ['journal', 'store/journal.jsonl', 'no line of ours\n', /journal\.jsonl is damaged in line 1/],
    ['tables', 'dynamodb.sqlite', 'x'.repeat(9_000), /did not start: .*not a valid SQLite/],
  ])('over a damaged file of its %s says which, and ends with 2', (_, file, text, sentence) => {
    const state = mkdtempSync(inFolder('state-'));
    mkdirSync(join(state, 'store'));
    writeFileSync(join(state, file), text);

    const { status, stderr } = startWith('--data', state);

    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });
});

test('a folder that is another user’s is told as a folder, and not as a port', () => {
  const { status, stderr } = keywright(['replay', 'file', '--out', '/sys/kernel']);

  expect(stderr).toMatch(/^error: \/sys\/kernel: (you may not|it lies where nothing can be written)/);
  expect(status).toBe(2);
});

test.each([
  [{ code: 'EACCES', syscall: 'listen', path: '/d', port: -1 }, '/d: you may not read or write it. Change its'],
  [{ code: 'EACCES', syscall: 'listen', port: 80 }, 'Port 80 may not be used by you. Choose one above 1023'],
  [{ code: 'ENOSPC', syscall: 'write', path: '/d/f' }, '/d/f: the disk is full. Free some space'],
  [{ code: 'EROFS', syscall: 'open', path: '/d/f' }, '/d/f: it lies where nothing can be written. Name a place'],
  [{ code: 'EMFILE', syscall: 'open', path: '/d/f' }, '/d/f: too many files are open. Raise the limit'],
  [{ code: 'EACCES', syscall: 'listen', port: 80 }, 'Port 80 may not be used by you. Choose one above 1023'],
  [{ code: 'EWHATEVER', syscall: 'open' }, 'The system refuses: message.'],
])('%j is a sentence', (fields, sentence) => {
  expect(machineFault(Object.assign(new Error('message'), fields))).toMatch(new RegExp(`^${sentence}`));
});

test('a bug is no fault of the machine', () => {
  expect(machineFault(new TypeError('x is not a function'))).toBeUndefined();
});
