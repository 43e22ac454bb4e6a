import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { main } from '../../../../cli/main';
import { appendAudit } from '../../../../shared/domain/append-audit';
import { originOf } from '../../../../shared/domain/audit-log/checkpoint';
import { verifierKey } from '../../../../shared/domain/audit-log/signed-note';
import { leafHash, verifyInclusion } from '../../../../shared/verify/merkle';
import { openCheckpoint, readVerifierKey } from '../../../../shared/verify/note';
import { aSigner, entriesFor, memoryAuditPorts } from '../../../support/memory-audit';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'audit-cli-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const keyOf = async (customerId: string) => verifierKey(originOf(customerId), await aSigner().publicKey());

/** A log of so many entries in a folder named for its customer. */
async function aLogOnDisk(customerId: string, count: number): Promise<string> {
  const ports = memoryAuditPorts();
  await appendAudit(
    entriesFor(
      customerId,
      Array.from({ length: count }, (_, at) => `event-${at}`),
    ),
    ports,
  );
  for (const [path, bytes] of ports.objects.filesOf(customerId)) {
    mkdirSync(dirname(join(root, customerId, path)), { recursive: true });
    writeFileSync(join(root, customerId, path), bytes);
  }
  return join(root, customerId);
}

/** What a person sees of a command: both streams and the exit code. */
async function run(...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
  try {
    await main(['node', 'keywright', 'audit', ...args], process.cwd());
    return { out: out.join(''), err: err.join(''), exitCode: process.exitCode ?? 0 };
  } finally {
    process.exitCode = undefined;
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

test('an intact log is shown as verified, with its size', async () => {
  const log = await aLogOnDisk('acme', 300);

  const { out, exitCode } = await run('verify', log, '--public-key', await keyOf('acme'));

  expect(out).toMatch(/keywright\/audit\/acme.*300.*yes/);
  expect(exitCode).toBe(0);
});

test('a folder of logs is verified log by log, each with its own key from a file', async () => {
  await aLogOnDisk('acme', 3);
  await aLogOnDisk('globex', 5);
  writeFileSync(join(root, 'keys'), `${await keyOf('globex')}\n${await keyOf('acme')}\n`);

  const { out, exitCode } = await run('verify', root, '--public-key', join(root, 'keys'), '--json');

  expect(JSON.parse(out)).toMatchObject([
    { origin: 'keywright/audit/acme', size: 3, ok: true },
    { origin: 'keywright/audit/globex', size: 5, ok: true },
  ]);
  expect(exitCode).toBe(0);
});

test('a bad log is named with what is bad and where, and the exit code says so', async () => {
  const log = await aLogOnDisk('acme', 3);
  rmSync(join(log, 'tile/entries/000.p/3'));

  const { out, exitCode } = await run('verify', log, '--public-key', await keyOf('acme'));

  expect(out).toContain('entries-missing: Entry 0 is missing.');
  expect(exitCode).toBe(1);
});

test('a log whose checkpoint was taken away is a bad log, not no log', async () => {
  const log = await aLogOnDisk('acme', 3);
  rmSync(join(log, 'checkpoint'));

  const { out, exitCode } = await run('verify', log, '--public-key', await keyOf('acme'));

  expect(out).toContain('checkpoint-missing');
  expect(exitCode).toBe(1);
});

test('a saved checkpoint shows a log that was rolled back', async () => {
  const log = await aLogOnDisk('acme', 3);
  const ports = memoryAuditPorts();
  await appendAudit(entriesFor('acme', ['event-0', 'event-1', 'event-2', 'event-3']), ports);
  writeFileSync(join(root, 'saved'), ports.objects.filesOf('acme').get('checkpoint') ?? '');

  const { out, exitCode } = await run(
    'verify',
    log,
    '--public-key',
    await keyOf('acme'),
    '--saved',
    join(root, 'saved'),
  );

  expect(out).toContain('rolled-back');
  expect(exitCode).toBe(1);
});

test('a proof can be checked with the public key alone', async () => {
  const log = await aLogOnDisk('acme', 300);

  const { out } = await run('prove', log, '--public-key', await keyOf('acme'), '--index', '258');

  const { index, entry, proof, checkpoint } = JSON.parse(out);
  const tree = openCheckpoint(checkpoint, readVerifierKey(await keyOf('acme')));
  const hashes = proof.map((hash: string) => Buffer.from(hash, 'base64'));
  expect(JSON.parse(entry)).toMatchObject({ eventId: 'event-258' });
  expect(verifyInclusion({ index, hash: leafHash(Buffer.from(entry)) }, tree, hashes)).toBe(true);
});

test('the entries of a log are printed one a line', async () => {
  const log = await aLogOnDisk('acme', 258);

  const { out } = await run('export', log, '--public-key', await keyOf('acme'));

  const lines = out.trim().split('\n');
  expect(lines).toHaveLength(258);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ eventId: 'event-257' });
});

test('no entry of a bad log is printed', async () => {
  const log = await aLogOnDisk('acme', 258);
  rmSync(join(log, 'tile/0/000'));

  const { out, err, exitCode } = await run('export', log, '--public-key', await keyOf('acme'));

  expect([out, exitCode]).toEqual(['', 1]);
  expect(err).toContain('tile-missing');
});

test.each([
  ['a folder that is not there', ['verify', 'nowhere', '--public-key', 'KEY'], /There is no nowhere/],
  ['a folder without logs', ['verify', 'ROOT', '--public-key', 'KEY'], /There is no log in/],
  ['a key that was cut', ['verify', 'LOG', '--public-key', 'keywright/audit/acme+00'], /must read `name\+keyid\+key`/],
  ['a key whose id does not fit', ['verify', 'LOG', '--public-key', 'MISTYPED'], /does not fit its key id/],
  ['an entry beyond the end', ['prove', 'LOG', '--public-key', 'KEY', '--index', '3'], /there is no entry 3/],
  ['an entry that is no number', ['prove', 'LOG', '--public-key', 'KEY', '--index', 'x'], /there is no entry/],
  ['a saved file that is not there', ['verify', 'LOG', '--public-key', 'KEY', '--saved', 'nothing'], /nothing/],
])('%s is explained, with exit code 2', async (_what, args, explanation) => {
  const key = await keyOf('acme');
  const empty = join(root, 'empty');
  mkdirSync(empty);
  const given: Record<string, string> = {
    ROOT: empty,
    LOG: await aLogOnDisk('acme', 3),
    KEY: key,
    MISTYPED: key.replace(/.{4}$/, 'AAAA'),
  };

  const { err, exitCode } = await run(...args.map((arg) => given[arg] ?? arg));

  expect(err).toMatch(explanation);
  expect(exitCode).toBe(2);
});
