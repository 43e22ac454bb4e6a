/** The command of the package, in this process: what it is told, says, and ends with. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { appendAudit } from '../../../shared/domain/audit/append-audit';
import { signCheckpoint } from '../../../shared/domain/audit/log/checkpoint';
import { aSigner, entriesFor, memoryAuditPorts } from '../../../test/support/memory-audit';
import { run } from '../command';
import { openCheckpoint, readVerifierKey } from '../note';
import { publicKeyOf } from './support/tampered-logs';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'verify-command-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const path = (name: string) => join(home, name);

async function aLog(name: string, count: number, customerId = 'acme'): Promise<string> {
  const ports = memoryAuditPorts();
  const ids = Array.from({ length: count }, (_, at) => `event-${at}`);
  await appendAudit(entriesFor(customerId, ids), ports);
  for (const [file, bytes] of ports.objects.filesOf(customerId)) {
    mkdirSync(dirname(join(path(name), file)), { recursive: true });
    writeFileSync(join(path(name), file), bytes);
  }
  return path(name);
}

async function typed(...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    isColoured: false,
  });
  return { out: out.join(''), err: err.join(''), code };
}

test('the checkpoint that was verified is kept, and shows a log that was rolled back since', async () => {
  const [log, shorter, key] = [await aLog('log', 10), await aLog('shorter', 9), await publicKeyOf()];
  const kept = ['--public-key', key, '--checkpoint', path('seen')];

  expect((await typed(log, ...kept)).code).toBe(0);
  expect((await typed(log, ...kept)).code).toBe(0);
  expect((await typed(shorter, '--public-key', key)).code).toBe(0);
  const { out, code } = await typed(shorter, ...kept);

  expect(code).toBe(1);
  expect(out).toContain('rolled-back');
  expect(out).toContain('first bad entry: 9\n');
  expect(readFileSync(path('seen'), 'utf8')).toBe(readFileSync(join(log, 'checkpoint'), 'utf8'));
});

test('the reports are JSON that reads back, without what a terminal obeys', async () => {
  const log = await aLog('log', 10);
  mkdirSync(path('streams'));
  cpSync(log, path('streams/acme'), { recursive: true });
  mkdirSync(path('streams/\u001b[2J\u202e\u009b'));

  const { out, code } = await typed(path('streams'), '--public-key', await publicKeyOf(), '--json');

  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject([
    { log: path('streams/\u001b[2J\u202e\u009b'), ok: false },
    { origin: 'keywright/audit/acme', ok: true, size: 10 },
  ]);
  for (const obeyed of ['\u001b', '\u202e', '\u009b']) expect(out).not.toContain(obeyed);
});

test('each line fits 80 columns, of what is found as well', async () => {
  const log = await aLog('log', 10);
  rmSync(join(log, 'tile/0'), { recursive: true });
  writeFileSync(join(log, 'tile/entries/000.p/10'), 'junk');

  const { out } = await typed(log, '--public-key', await publicKeyOf());

  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect((await typed('--help')).out.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('a stream that was not signed within --max-age is stale, and one that was is verified', async () => {
  const [log, key] = [await aLog('log', 3), await publicKeyOf()];
  const signed = async (at?: string) => {
    const { origin, size, root } = openCheckpoint(readFileSync(join(log, 'checkpoint')), readVerifierKey(key));
    writeFileSync(join(log, 'checkpoint'), await signCheckpoint({ origin, size, rootHash: root }, aSigner(), at));
    return typed(log, '--public-key', key, '--max-age', '2h');
  };
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

  expect(await signed(ago(110))).toMatchObject({ code: 0 });
  for (const at of [ago(121), ago(-10), undefined]) {
    const { out, code } = await signed(at);
    expect(code).toBe(1);
    expect(out).toMatch(/NOT VERIFIED[\s\S]*stale: The checkpoint/);
  }
  expect((await typed(log, '--public-key', key)).code).toBe(0);
});

test.each<[string, readonly string[], RegExp]>([
  ['nothing', [], /Give one folder and --public-key/],
  ['no key', ['LOG'], /Give one folder and --public-key/],
  ['an age that is none', ['LOG', '--public-key', 'KEY', '--max-age', 'soon'], /--max-age must read/],
  ['two folders', ['LOG', 'LOG', '--public-key', 'KEY'], /Give one folder/],
  ['an option that is none', ['LOG', '--key', 'KEY'], /--key/],
  ['a folder that is not there', ['nowhere', '--public-key', 'KEY'], /There is no nowhere/],
  ['a key that was cut', ['LOG', '--public-key', 'keywright/audit/acme+00'], /name\+keyid\+key/],
  ['a file of keys that is not there', ['LOG', '--public-key', 'none'], /none/],
  ['a folder in place of a key', ['LOG', '--public-key', 'LOG'], /is no file/],
  ['a folder in place of a checkpoint', ['LOG', '--public-key', 'KEY', '--checkpoint', 'LOG'], /is no file/],
])('%s is explained, with exit code 2', async (_what, args, explanation) => {
  const given: Record<string, string> = { LOG: await aLog('log', 3), KEY: await publicKeyOf() };

  const { out, err, code } = await typed(...args.map((arg) => given[arg] ?? arg));

  expect({ out, code }).toEqual({ out: '', code: 2 });
  expect(err.replace(/\s+/g, ' ')).toMatch(explanation);
});
