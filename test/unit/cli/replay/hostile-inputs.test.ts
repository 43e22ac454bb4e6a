/** Inputs and output folders that somebody prepared: each fault is told at its place, and what is sound beside it is signed. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CommanderError } from 'commander';
import fc from 'fast-check';
import { folderReader } from 'keywright-verify/folder';
import { verifyLog } from 'keywright-verify/log';
import { readVerifierKey } from 'keywright-verify/note';
import { replayCommand } from '../../../../cli/replay/command';
import { ACCOUNT, aKmsRecord, anEventId } from '../../../support/cloudtrail-records';
import { logOf, snapshotOf, type WorkFolder, workFolder } from '../../../support/log-files';

let folder: WorkFolder;
beforeEach(() => {
  folder = workFolder();
});
afterEach(() => folder.remove());

const path = (...names: readonly string[]) => join(folder.path, ...names);
const record = (number: number, fields = {}) => aKmsRecord({ eventID: anEventId(number), ...fields });

/** The command in this process: what it says, how it ends, and its summary. */
async function run(...args: readonly string[]) {
  const said: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const tell = jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  process.exitCode = undefined;
  try {
    const command = replayCommand().configureOutput({ writeErr: (line) => said.push(line) });
    await command.parseAsync([...args, '--out', path('out')], { from: 'user' });
    const summary = JSON.parse(readFileSync(path('out/summary.json'), 'utf8'));
    return { said: said.join(''), exitCode: process.exitCode ?? 0, summary };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { said: said.join(''), exitCode: error.exitCode, summary: undefined };
  } finally {
    process.exitCode = undefined;
    write.mockRestore();
    tell.mockRestore();
  }
}

async function sizeOfVerified(stream = path('out', ACCOUNT)): Promise<number | undefined> {
  const key = readVerifierKey(readFileSync(join(stream, 'public-key'), 'utf8'));
  const { findings, size } = await verifyLog(folderReader(stream), key);
  expect(findings).toEqual([]);
  return size;
}

/** A record whose parameters are this text. */
const withParameters = (number: number, json: string) =>
  JSON.stringify(record(number, { requestParameters: 'HERE' })).replace('"HERE"', () => json);
const nested = (levels: number, [open = '', close = ''] = ['{"a":', '}']) =>
  `${open.repeat(levels)}1${close.repeat(levels)}`;
const between = (json: string) => `{"Records":[${JSON.stringify(record(1))},${json},${JSON.stringify(record(3))}]}`;

/** What stands between two sound records, in a file that is sound but for that. */
const DAMAGE: Readonly<Record<string, string>> = {
  'nested 300 deep': withParameters(2, nested(300)),
  'nested 20,000 deep': withParameters(2, nested(20_000)),
  'nested 200,000 deep': withParameters(2, nested(200_000)),
  'nested deep, with whitespace': withParameters(2, nested(20_000, ['{"a": ', ' }'])),
  'nested deep in lists': withParameters(2, `{"a":${nested(20_000, ['[', ']'])}}`),
  'nested deep in its context': withParameters(2, `{"encryptionContext":${nested(20_000)}}`),
  'nothing but depth': nested(100_000, ['[', ']']),
  'an account that is half of a character': JSON.stringify(
    record(2, { recipientAccountId: 'x\ud800', resources: null, responseElements: { keyId: anEventId(9) } }),
  ),
  'an account longer than a folder may be named': JSON.stringify(
    record(2, { recipientAccountId: '9'.repeat(300), resources: null, responseElements: { keyId: anEventId(9) } }),
  ),
  'more keys than an entry can name': JSON.stringify(
    record(2, {
      resources: Array.from({ length: 2000 }, (_, at) => ({
        ARN: `arn:aws:kms:eu-central-1:${ACCOUNT}:key/${anEventId(at)}`,
      })),
    }),
  ),
  'a list': '[]',
  'a prototype': '{"__proto__":{"eventVersion":"1.08"}}',
  'no JSON': '{"eventVersion":}',
  'a zero byte': '\u0000',
};

test.each(Object.entries(DAMAGE))(
  '%s: it is told where, its neighbours are signed, and a second run changes nothing',
  async (_what, json) => {
    const file = folder.file('log.json', between(json));

    const { exitCode, summary } = await run(file);
    const before = snapshotOf(path('out'));
    const again = await run(file);

    expect(exitCode).toBe(1);
    expect(summary.rejected).toEqual([{ file, index: 1, reason: expect.stringMatching(/.{10}/) }]);
    expect(await sizeOfVerified()).toBe(2);
    expect(again.summary).toEqual(summary);
    expect(snapshotOf(path('out'))).toEqual(before);
  },
);

test('what looks like a record deep within another was written by whoever filled that, and is none', async () => {
  const forged = JSON.stringify(record(7));
  const file = folder.file('log.json', between(withParameters(2, `${'{"a":'.repeat(300)}${forged}${'}'.repeat(300)}`)));

  const { summary } = await run(file);

  expect(summary.attributed).toBe(2);
  expect(summary.rejected).toEqual([
    { file, index: 1, reason: expect.stringMatching(/^it is nested deeper than 256 levels \(byte \d+\)$/) },
  ]);
});

test('records as deep as AWS writes them, and much deeper, are taken', async () => {
  const { summary } = await run(folder.file('log.json', between(withParameters(2, nested(250)))));

  expect(summary).toMatchObject({ attributed: 3, rejected: [] });
});

test('gzip that grows as no log does is left, and what was read before is kept', async () => {
  const dull = Buffer.concat([Buffer.from(logOf([record(1)])), Buffer.alloc(90e6, ' ')]);
  const file = folder.file('bomb.json.gz', gzipSync(dull));

  const { exitCode, summary, said } = await run(file, folder.file('sound.json', logOf([record(4)])));

  expect(exitCode).toBe(1);
  expect(said).toContain('grows more than 250 times');
  expect(summary.attributed).toBe(2);
  expect(await sizeOfVerified()).toBe(2);
});

test.each([
  ['a named pipe', () => void execFileSync('mkfifo', [path('odd')])],
  ['a device', () => symlinkSync('/dev/zero', path('odd'))],
])('%s is refused by its path, as input, customers or key', async (what, make) => {
  make();
  const file = folder.file('log.json', logOf([record(1)]));

  for (const args of [[path('odd')], [file, '--customers', path('odd')], [file, '--signing-key', path('odd')]]) {
    const { said, exitCode } = await run(...args);
    expect(said).toContain(`error: ${path('odd')} is ${what}, not a file.`);
    expect(exitCode).toBe(2);
    expect(existsSync(path('out', ACCOUNT))).toBe(false);
  }
});

test('in a folder, what is no file is named and left out', async () => {
  folder.file('logs/log.json', logOf([record(1)]));
  execFileSync('mkfifo', [path('logs/pipe.json')]);
  symlinkSync('/dev/zero', path('logs/zero.json'));

  const { said, exitCode, summary } = await run(path('logs'));

  expect(said).toContain('pipe.json: neither a file nor a folder');
  expect(said).toContain('zero.json: a link; name it to have it read');
  expect([exitCode, summary.attributed]).toEqual([0, 1]);
});

test.each(['customers', 'signing-key'])('half a gigabyte given as --%s is refused', async (option) => {
  truncateSync(folder.file('large', ''), 0.6e9);

  const { said, exitCode } = await run(folder.file('log.json', logOf([record(1)])), `--${option}`, path('large'));

  expect(said).toMatch(/large has 600000000 bytes; it may have \d+\.\n$/);
  expect(exitCode).toBe(2);
});

/** What may be done to an output folder between two runs. */
const SPOIL: Readonly<Record<string, (file: string) => void>> = {
  'a named pipe': (file) => void execFileSync('mkfifo', [file]),
  'a device': (file) => symlinkSync('/dev/zero', file),
  'a folder': (file) => mkdirSync(file),
  'a large file': (file) => {
    writeFileSync(file, '');
    truncateSync(file, 0.6e9);
  },
  'an empty file': (file) => writeFileSync(file, ''),
  'other text': (file) => writeFileSync(file, 'other\n'),
};
const OWN = [
  `${ACCOUNT}/checkpoint`,
  `${ACCOUNT}/checkpoint.new`,
  `${ACCOUNT}/tile/0/000.p/1`,
  `${ACCOUNT}/tile/0/000.p/2`,
  `${ACCOUNT}/tile/entries/000.p/1`,
  `${ACCOUNT}/tile/entries/.open`,
  `${ACCOUNT}/public-key`,
  'public-keys',
  'summary.json',
  'summary.json.new',
  '.keywright/signing-key.pem',
];

test('an output folder that was spoiled is gone on with or refused in a sentence, never waited for', async () => {
  const first = folder.file('first.json', logOf([record(1)]));
  const both = folder.file('both.json', logOf([record(1), record(2)]));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...OWN), fc.constantFrom(...Object.keys(SPOIL)), async (file, what) => {
      rmSync(path('out'), { recursive: true, force: true });
      await run(first);
      rmSync(path('out', file), { force: true });
      SPOIL[what]?.(path('out', file));

      const { said, exitCode } = await run(both);

      if (exitCode === 0) expect(await sizeOfVerified()).toBe(2);
      else expect(said).toMatch(/^error: .+\n(What was signed.+\n)?$/);
    }),
    { numRuns: OWN.length * Object.keys(SPOIL).length },
  );
}, 120_000);

test('any bytes between, before and behind sound records leave those in a stream that verifies', async () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((json) => Buffer.from(json)),
    fc.constantFrom(...Object.values(DAMAGE)).map((json) => Buffer.from(json)),
    fc
      .constantFrom('{', '[', '"', '\\', '{"Records":[', ']}', ',', '\u001b]0;x\u0007', '{"a":'.repeat(300))
      .map((text) => Buffer.from(text)),
  );
  let round = 0;
  await fc.assert(
    fc.asyncProperty(junk, junk, async (before, behind) => {
      rmSync(path('out'), { recursive: true, force: true });
      const sound = folder.file(`in-${round}/sound.json`, logOf([record(1), record(2)]));
      const other = folder.file(
        `in-${round++}/odd.json`,
        Buffer.concat([before, Buffer.from(`\n${logOf([record(3)])}\n`), behind]),
      );

      const { exitCode, summary } = await run(other, sound);

      expect([0, 1]).toContain(exitCode);
      expect(summary.attributed + summary.duplicates).toBeGreaterThanOrEqual(2);
      expect(await sizeOfVerified()).toBeGreaterThanOrEqual(2);
    }),
    { numRuns: 60 },
  );
}, 120_000);

test('customers whose ids are names of our own, or differ by capitals alone, have streams of their own', async () => {
  const ids = [
    'summary.json',
    'public-keys',
    'tile',
    'checkpoint',
    '.keywright',
    '..',
    'Acme',
    'acme',
    'ACME',
    '__proto__',
  ];
  const key = (at: number) => `arn:aws:kms:eu-central-1:${ACCOUNT}:key/${anEventId(100 + at)}`;
  const customers = folder.file(
    'customers.json',
    JSON.stringify({ customers: ids.map((customerId, at) => ({ customerId, kmsKeys: [key(at)] })) }),
  );
  const log = folder.file('log.json', logOf(ids.map((_, at) => record(at, { resources: [{ ARN: key(at) }] }))));

  const { exitCode, summary } = await run(log, '--customers', customers);

  expect(exitCode).toBe(0);
  expect(Object.keys(summary.customers).sort()).toEqual([...ids].sort());
  const { folderOf } = await import('../../../../cli/replay/customers');
  expect(new Set(ids.map((id) => folderOf(id).toLowerCase())).size).toBe(ids.length);
  for (const id of ids) expect(await sizeOfVerified(path('out', folderOf(id)))).toBe(1);
  const { auditCommand } = await import('../../../../cli/audit/command');
  const print = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  await auditCommand().parseAsync(['verify', path('out'), '--public-key', path('out/public-keys')], { from: 'user' });
  print.mockRestore();
  expect(process.exitCode).toBeUndefined();
});

test('what the system does not show in a folder is rejected by its name, and what lies beside it is signed', async () => {
  folder.file('logs/log.json', logOf([record(1)]));
  writeFileSync(Buffer.concat([Buffer.from(`${path('logs')}/x`), Buffer.from([0xff])]), logOf([record(2)]));
  // As deep as a path may be, and one name deeper: made from within.
  execFileSync('sh', ['-c', 'n=$(printf %0250d 0); for i in $(seq 20); do mkdir $n && cd -P $n || exit 1; done'], {
    cwd: path('logs'),
  });

  const { exitCode, summary } = await run(path('logs'));
  execFileSync('rm', ['-rf', path('logs')]);

  expect(exitCode).toBe(1);
  expect(summary.records).toBe(1);
  const reasons = summary.rejected.map(({ reason }: { reason: string }) => reason);
  expect(reasons.sort()).toEqual([expect.stringContaining('ENAMETOOLONG'), expect.stringContaining('ENOENT')]);
});

test('a stream that is a link out of the output folder is refused', async () => {
  const file = folder.file('log.json', logOf([record(1)]));
  mkdirSync(path('out'));
  mkdirSync(path('elsewhere'));
  symlinkSync(path('elsewhere'), path('out', ACCOUNT));

  const { said, exitCode } = await run(file);

  expect(exitCode).toBe(2);
  expect(said).toContain('is a link. Put the folder');
  expect(readdirSync(path('elsewhere'))).toEqual([]);
});

test('names in a summary are escaped where a terminal would obey them', async () => {
  const file = folder.file('\u009b2J\u202e.json', 'no log');

  const { said, summary } = await run(file, '--json');

  expect(said).toContain('\\u009b2J\\u202e');
  expect(summary.rejected[0].file).toBe(file);
});
