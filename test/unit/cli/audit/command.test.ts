import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { leafHash } from 'keywright-verify/merkle';
import { openCheckpoint, readVerifierKey } from 'keywright-verify/note';
import { verifyInclusion } from 'keywright-verify/proofs';
import { appendAudit } from '../../../../shared/domain/audit/append-audit';
import { originOf } from '../../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { commandLine } from '../../../support/deployed-product';
import { aSigner, entriesFor, memoryAuditPorts } from '../../../support/memory-audit';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'audit-cli-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const keyOf = async (customerId: string) => verifierKey(originOf(customerId), await aSigner().publicKey());

/** A log of so many entries in a folder named for its customer. */
const aLogOnDisk = (customerId: string, count: number): Promise<string> =>
  aLogOf(
    customerId,
    Array.from({ length: count }, (_, at) => `event-${at}`),
  );

async function aLogOf(customerId: string, eventIds: readonly string[]): Promise<string> {
  const ports = memoryAuditPorts();
  await appendAudit(entriesFor(customerId, eventIds), ports);
  for (const [path, bytes] of ports.objects.filesOf(customerId)) {
    mkdirSync(dirname(join(root, customerId, path)), { recursive: true });
    writeFileSync(join(root, customerId, path), bytes);
  }
  return join(root, customerId);
}

const run = (...args: readonly string[]) => commandLine(['audit', ...args]);

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

/** Two logs, the file of their keys, and what was done to them since. */
async function aFolderOfLogs(): Promise<string> {
  await aLogOnDisk('acme', 3);
  await aLogOnDisk('globex', 5);
  writeFileSync(join(root, 'keys'), `${await keyOf('globex')}\n${await keyOf('acme')}\n`);
  return root;
}
const inRoot = (...names: readonly string[]) => join(root, ...names);

test.each<[string, () => void, string]>([
  [
    'replaced by a copy of another',
    () => {
      rmSync(inRoot('globex'), { recursive: true });
      cpSync(inRoot('acme'), inRoot('globex'), { recursive: true });
    },
    'globex: wrong-signer',
  ],
  [
    'replaced by a link to another',
    () => {
      rmSync(inRoot('globex'), { recursive: true });
      symlinkSync('acme', inRoot('globex'));
    },
    'globex: wrong-signer',
  ],
  [
    'missing',
    () => rmSync(inRoot('globex'), { recursive: true }),
    'globex: log-missing: There is a public key of keywri',
  ],
  ['emptied', () => rmSync(inRoot('globex', 'checkpoint')), 'globex: checkpoint-missing'],
  ['in another folder', () => renameSync(inRoot('globex'), inRoot('initech')), 'globex: log-missing'],
  [
    'exchanged with another',
    () => {
      renameSync(inRoot('globex'), inRoot('third'));
      renameSync(inRoot('acme'), inRoot('globex'));
      renameSync(inRoot('third'), inRoot('acme'));
    },
    'acme: wrong-signer',
  ],
  [
    'there twice, once in other letters',
    () => cpSync(inRoot('globex'), inRoot('%67lobex'), { recursive: true }),
    'globex: unexpected-folder: None of the public keys',
  ],
  [
    'beside one that no key is of',
    () => cpSync(inRoot('globex'), inRoot('initech'), { recursive: true }),
    'initech: unexpected-folder',
  ],
  ['beside a folder that is nothing', () => mkdirSync(inRoot('initech')), 'initech: unexpected-folder'],
  ['beside a link in a circle', () => symlinkSync('circle', inRoot('circle')), 'circle: unexpected-folder: It cannot'],
  ['beside a link to nothing', () => symlinkSync('/nowhere', inRoot('gone')), 'gone: unexpected-folder: It cannot'],
  ['of a customer whose key is another', () => keys(/acme\+\w+\+/, 'acme+00000000+'), 'does not fit its id'],
])('in a folder of logs, one %s is found', async (_what, change, finding) => {
  await aFolderOfLogs();
  change();

  const { out, err, exitCode } = await run('verify', root, '--public-key', join(root, 'keys'));

  expect((out + err).replace(/\s+/g, ' ')).toContain(finding);
  expect(exitCode).toBeGreaterThan(0);
});

test('a log that holds other logs is not all that is looked at', async () => {
  await aFolderOfLogs();
  mkdirSync(inRoot('acme', 'notes'));
  renameSync(inRoot('globex'), inRoot('acme', 'globex'));

  const { out, exitCode } = await run('verify', inRoot('acme'), '--public-key', inRoot('keys'));

  expect(out).toContain('acme/globex: unexpected-folder: It lies in a log');
  expect(out).not.toContain('notes');
  expect(exitCode).toBe(1);
});

function keys(what: RegExp, by: string): void {
  writeFileSync(inRoot('keys'), readFileSync(inRoot('keys'), 'utf8').replace(what, by));
}

test('of a file of keys the log is held against that of the customer it is named for', async () => {
  await aFolderOfLogs();
  rmSync(inRoot('globex'), { recursive: true });
  cpSync(inRoot('acme'), inRoot('globex'), { recursive: true });
  cpSync(inRoot('acme'), inRoot('copy'), { recursive: true });

  expect(await run('verify', inRoot('acme'), '--public-key', inRoot('keys'))).toMatchObject({ exitCode: 0 });
  for (const verb of [['verify'], ['export'], ['prove', '0']]) {
    const [name = '', ...rest] = verb;
    const { exitCode } = await run(name, inRoot('globex'), ...rest, '--public-key', inRoot('keys'));
    expect(exitCode).toBeGreaterThan(0);
  }
  expect((await run('verify', inRoot('copy'), '--public-key', inRoot('keys'))).err).toContain('named for none');
  expect(await run('verify', inRoot('copy'), '--public-key', await keyOf('acme'))).toMatchObject({ exitCode: 0 });
});

test('two keys of one customer are not chosen from', async () => {
  await aFolderOfLogs();
  const other = verifierKey(originOf('acme'), await aSigner(2).publicKey());
  writeFileSync(inRoot('keys'), `${await keyOf('globex')}\n${await keyOf('acme')}\n${other}\n`);

  const { err, exitCode } = await run('verify', root, '--public-key', inRoot('keys'));

  expect(err).toContain('two public keys for keywright/audit/acme');
  expect(exitCode).toBe(2);
});

test.each([
  ['--public-key', (path: string) => ['verify', inRoot('acme'), '--public-key', path]],
  ['--saved', (path: string) => ['verify', inRoot('acme'), '--public-key', inRoot('keys'), '--saved', path]],
])('what is no file, or half a gigabyte, is refused as %s with its path', async (_option, args) => {
  await aFolderOfLogs();
  execFileSync('mkfifo', [inRoot('pipe')]);
  writeFileSync(inRoot('large'), '');
  truncateSync(inRoot('large'), 0.6e9);

  for (const path of [inRoot('pipe'), '/dev/zero', inRoot('acme'), inRoot('large')]) {
    const { err, exitCode } = await run(...args(path));
    expect(err).toMatch(new RegExp(`^${path} (is a named pipe|is a device|is a folder|has \\d+ bytes).*\\n$`));
    expect(exitCode).toBe(2);
  }
});

test('names that a terminal would obey are shown', async () => {
  await aFolderOfLogs();
  mkdirSync(inRoot('\u001b[2Jgl\u202eobex\nacme: all is well'));

  const { out } = await run('verify', root, '--public-key', inRoot('keys'));

  expect(out).toContain('\\u{1b}[2Jgl\\u{202e}obex\\u{a}acme');
  for (const obeyed of ['\u001b[2J', '\u202e', '\nacme: all is well']) expect(out).not.toContain(obeyed);
});

test('a name that cannot be looked at is shown, and the logs beside it are verified', async () => {
  await aFolderOfLogs();
  symlinkSync('\u001b[2Jx', inRoot('\u001b[2Jx'));

  const { out, err, exitCode } = await run('verify', root, '--public-key', inRoot('keys'));

  expect(out).toMatch(/globex.*yes/);
  expect(out + err).toContain('\\u{1b}[2Jx: unexpected-folder');
  expect(out + err).not.toContain('\u001b[2J');
  expect(exitCode).toBe(1);
});

test('of very many logs the first are shown, the others are counted, and what is wrong with any is told', async () => {
  await aLogOnDisk('acme', 1);
  const customers = Array.from({ length: 3000 }, (_, at) => `missing-${at}`);
  writeFileSync(inRoot('keys'), (await Promise.all(['acme', ...customers].map(keyOf))).join('\n'));
  const start = process.cpuUsage();

  const { out } = await run('verify', root, '--public-key', inRoot('keys'));

  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(2);
  expect(out).toContain('… and 2,981 more, 2,981 of them not verified');
  expect(out).toContain('missing-2999: log-missing');
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

  const { out } = await run('prove', log, '258', '--public-key', await keyOf('acme'));

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

test('into a file or a pipe goes each entry as it was signed, to the byte', async () => {
  const eventIds = ['plain', 'over\u202eride', 'csi\u009b'];
  const log = await aLogOf('acme', eventIds);

  const { out } = await run('export', log, '--public-key', await keyOf('acme'));

  const signed = entriesFor('acme', eventIds).entries.map(({ json }) => `${json}\n`);
  expect(out).toBe(signed.join(''));
});

test('no entry of a bad log is printed', async () => {
  const log = await aLogOnDisk('acme', 258);
  rmSync(join(log, 'tile/0/000'));

  const { out, err, exitCode } = await run('export', log, '--public-key', await keyOf('acme'));

  expect([out, exitCode]).toEqual(['', 1]);
  expect(err).toContain('Entry 0 is not what the checkpoint was signed for');
});

test.each([
  ['a folder that is not there', ['verify', 'nowhere', '--public-key', 'KEY'], /There is no nowhere/],
  ['a folder without logs', ['verify', 'ROOT', '--public-key', 'KEY'], /There is no log in/],
  ['a key that was cut', ['verify', 'LOG', '--public-key', 'keywright/audit/acme+00'], /must read `name\+keyid\+key`/],
  ['a key whose id does not fit', ['verify', 'LOG', '--public-key', 'MISTYPED'], /does not fit its id/],
  ['an entry beyond the end', ['prove', 'LOG', '3', '--public-key', 'KEY'], /there is no entry 3/],
  ['an entry that is no number', ['prove', 'LOG', 'x', '--public-key', 'KEY'], /must be a number/],
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
