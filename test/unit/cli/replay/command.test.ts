import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { CommanderError } from 'commander';
import { replayCommand } from '../../../../cli/replay/command';
import { aKmsRecord, anEventId, KEY } from '../../../support/cloudtrail-records';
import { logOf, snapshotOf, type WorkFolder, workFolder } from '../../../support/log-files';

const ROOT = resolve(__dirname, '../../../..');

let folder: WorkFolder;
beforeEach(() => {
  folder = workFolder();
});
afterEach(() => folder.remove());

const path = (name: string) => join(folder.path, name);
const log = (...numbers: readonly number[]) =>
  logOf(numbers.map((number) => aKmsRecord({ eventID: anEventId(number) })));
const customers = () =>
  folder.file('customers.json', JSON.stringify({ customers: [{ customerId: 'acme', kmsKeys: [KEY] }] }));

/** What our own process was told about colours is not what a user's pipe is told; machines that build set CI. */
const ENVIRONMENT = { ...process.env, CI: 'true', FORCE_COLOR: '' };

/** Runs the real command in a process of its own. */
async function keywright(args: readonly string[], input: string | Uint8Array = '') {
  const child: ChildProcess = spawn(process.execPath, ['cli/keywright.mjs', 'replay', ...args], {
    cwd: ROOT,
    env: ENVIRONMENT,
  });
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('The process has no streams.');
  stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
  return { out, err, code };
}

test('a run that takes everything ends with 0, says what it did, and names the command that verifies it', async () => {
  const file = folder.file('log.json.gz', gzipSync(log(1, 2)));
  const { out, err, code } = await keywright([file, '--customers', customers(), '--out', path('out')]);

  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/CloudTrail records\s+2\n/);
  expect(out).toMatch(/acme\s+2\s+2\s+\S+=/);
  expect(out).toContain('keywright audit verify');
  expect(out).not.toContain('\u001b');
});

test('summary.json has exactly the members that were promised, and --json prints it', async () => {
  const file = folder.file('log.json', log(1, 1));
  const { out } = await keywright([file, '--customers', customers(), '--out', path('out'), '--json']);

  expect(out).toBe(readFileSync(path('out/summary.json'), 'utf8'));
  expect(JSON.parse(out)).toEqual({
    files: 1,
    records: 2,
    kmsRecords: 2,
    attributed: 1,
    unattributed: 0,
    duplicates: 1,
    rejected: [],
    customers: { acme: { entries: 1, treeSize: 1, rootHash: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) } },
  });
});

test('a run that rejects something ends with 1 and says what and where', async () => {
  const file = folder.file('log.json.gz', gzipSync(log(1, 2)).subarray(0, -10));
  const { out, code } = await keywright([file, '--out', path('out')]);

  expect(code).toBe(1);
  expect(out).toContain(`${file} [`);
  expect(out).toContain('ends early');
});

test.each(['json', 'gzip'])('standard input is read, %s as well', async (form) => {
  const input = form === 'gzip' ? gzipSync(log(1, 2, 3)) : log(1, 2, 3);
  const { out, code } = await keywright(['-', '--out', path('out'), '--json'], input);

  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ files: 1, attributed: 3 });
});

test('the same command twice leaves every file as it was', async () => {
  const args = [folder.file('log.json', log(1, 2)), '--customers', customers(), '--out', path('out')];
  const first = await keywright(args);
  const before = snapshotOf(path('out'));
  const second = await keywright(args);

  expect(second).toEqual(first);
  expect(snapshotOf(path('out'))).toEqual(before);
});

test('the signing key is readable by its owner alone', async () => {
  await keywright([folder.file('log.json', log(1)), '--out', path('out'), '--signing-key', path('keys/signer.pem')]);

  expect(statSync(path('keys/signer.pem')).mode & 0o777).toBe(0o600);
  expect(existsSync(path('out/.keywright'))).toBe(false);
});

/** Runs the command in this process, far enough to be refused. */
async function refusal(args: readonly string[]) {
  const said: string[] = [];
  const command = replayCommand().configureOutput({ writeErr: (line) => said.push(line) });
  const error = await command.parseAsync([...args], { from: 'user' }).catch((reason: unknown) => reason);
  return { said: said.join(''), name: error instanceof CommanderError ? error.name : error };
}

test.each([
  ['no file', ['--out', 'OUT'], "missing required argument 'file|dir|-'"],
  ['no output', ['LOG'], "required option '--out <dir>' not specified"],
  ['a file that is not there', ['OUT/missing.json', '--out', 'OUT'], 'no such file'],
  ['customers that are not there', ['LOG', '--customers', 'OUT/missing.json', '--out', 'OUT'], 'no such file'],
  ['customers that are no JSON', ['LOG', '--customers', 'TEXT', '--out', 'OUT'], 'JSON'],
  [
    'customers with a fault',
    ['LOG', '--customers', 'WRONG', '--out', 'OUT'],
    'customers.0.kmsKeys.0: must be the full ARN',
  ],
  ['a signing key that is none', ['LOG', '--out', 'OUT', '--signing-key', 'TEXT'], 'Ed25519'],
  ['an option that does not exist', ['LOG', '--out', 'OUT', '--fast'], "unknown option '--fast'"],
])('%s is explained and nothing is written', async (_, args, message) => {
  const names: Readonly<Record<string, string>> = {
    LOG: folder.file('log.json', log(1)),
    TEXT: folder.file('text', 'not what was asked for'),
    WRONG: folder.file('wrong.json', '{"customers":[{"customerId":"acme","kmsKeys":["alias/a"]}]}'),
  };
  const { said, name } = await refusal(args.map((arg) => names[arg] ?? arg.replace('OUT', path('out'))));

  expect(name).toBe('CommanderError');
  expect(said).toContain(message);
  expect(existsSync(path('out/acme'))).toBe(false);
});

test.each([
  ['an option that does not exist', ['log.json', '--out', 'out', '--fast']],
  ['a file that is not there', ['missing.json', '--out', 'out']],
])('%s ends with 2 and no stack trace', async (_, args) => {
  const { err, code } = await keywright(args.map((arg) => (arg.startsWith('--') ? arg : path(arg))));

  expect(code).toBe(2);
  expect(err).not.toContain('    at ');
});

test('a stream that another key signed is not written to', async () => {
  const file = folder.file('log.json', log(1));
  await keywright([file, '--out', path('out')]);
  const before = snapshotOf(path('out'));
  const { err, code } = await keywright([file, '--out', path('out'), '--signing-key', path('other.pem')]);

  expect(code).toBe(2);
  expect(err).toContain('signed with its own key');
  expect(snapshotOf(path('out'))).toEqual(before);
});

test('of two runs into one folder at once one is refused, and the other loses nothing', async () => {
  const file = folder.file('log.json', log(1, 2));
  const slow = spawn(process.execPath, ['cli/keywright.mjs', 'replay', '-', '--out', path('out')], {
    cwd: ROOT,
    env: ENVIRONMENT,
  });
  while (!existsSync(path('out/.keywright/signing-key.pem'))) await delay(20);
  const refused = await keywright([file, '--out', path('out')]);
  slow.stdin.end(log(3));
  const [code] = await once(slow, 'exit');

  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toMatch(new RegExp(`^error: .* is in use by process ${slow.pid}\\. .*\n$`));
  expect(code).toBe(0);
  expect((await keywright([file, '--out', path('out')])).code).toBe(0);
});

test('a run that was killed keeps nobody out', async () => {
  const killed = spawn(process.execPath, ['cli/keywright.mjs', 'replay', '-', '--out', path('out')], {
    cwd: ROOT,
    env: ENVIRONMENT,
  });
  while (!existsSync(path('out/.keywright/signing-key.pem'))) await delay(20);
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  expect((await keywright([folder.file('log.json', log(1)), '--out', path('out')])).code).toBe(0);
});
