/** The verbs that read a log: each entry that they print is verified by itself. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderReader } from 'keywright-verify/folder';
import { readVerifierKey } from 'keywright-verify/note';
import { currentCheckpoint } from '../../../../cli/audit/log-place';
import { followLog } from '../../../../cli/audit/tail';
import { openFolderAuditLog } from '../../../../shared/adapters/folder-audit-log';
import { newSigningKeyPem } from '../../../../shared/adapters/local-checkpoint-signer';
import { originOf } from '../../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { aKmsRecord, anEventId, KEY } from '../../../support/cloudtrail-records';
import { commandLine } from '../../../support/deployed-product';
import { logOf, type WorkFolder, workFolder } from '../../../support/log-files';
import { aSigner } from '../../../support/memory-audit';

let folder: WorkFolder;
let key: string;
beforeEach(async () => {
  folder = workFolder();
  key = verifierKey(originOf('acme'), await aSigner().publicKey());
});
afterEach(() => folder.remove());

const path = (name: string) => join(folder.path, name);
const DAY_OF = (number: number) => `2026-01-0${1 + (number % 3)}`;
const recordOf = (number: number) =>
  aKmsRecord({ eventID: anEventId(number), eventTime: `${DAY_OF(number)}T10:00:00Z` });

/** As the writer makes it, with the record byte for byte, and a fact in place of every tenth. */
function entryOf(number: number): string {
  const head = { v: 1, eventId: anEventId(number), customerId: 'acme', at: `${DAY_OF(number)}T10:00:00.000Z` };
  const fact = { ...head, kind: 'fact', operation: 'key-rotated.v1', fact: { record: 'none' } };
  const use = { ...head, kind: 'crypto-use', operation: 'Decrypt', outcome: 'ok', kmsKeyArns: [KEY], record: 0 };
  return number % 10 === 9 ? JSON.stringify(fact) : JSON.stringify(use).replace(/0}$/, `${recordText(number)}}`);
}

/** With a number that JSON.parse would change. */
const recordText = (number: number) => JSON.stringify(recordOf(number)).replace(/}$/, ',"n":12345678901234567890}');

/** Appends entries of those numbers to the log in that folder. */
async function append(name: string, from: number, to: number): Promise<string> {
  const options = { origin: originOf('acme'), signer: aSigner(), isOurs: () => true };
  const log = await openFolderAuditLog(path(name), options);
  for (let number = from; number < to; number += 1) log.append(Buffer.from(entryOf(number)));
  await log.checkpoint();
  return path(name);
}

const run = (...args: readonly string[]) => commandLine(['audit', ...args]);

const idsIn = (out: string): readonly string[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).eventId ?? JSON.parse(line).eventID);
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => anEventId(from + at));

describe('export', () => {
  test('begins at an index, and prints what was signed', async () => {
    const log = await append('log', 0, 300);

    const { out, exitCode } = await run('export', log, '--public-key', key, '--from', '298');

    expect({ out, exitCode }).toEqual({ out: `${entryOf(298)}\n${entryOf(299)}\n`, exitCode: 0 });
  });

  test('prints CloudTrail records byte for byte, and no facts', async () => {
    const log = await append('log', 0, 12);

    const { out } = await run('export', log, '--public-key', key, '--format', 'cloudtrail');

    const records = [...Array(12).keys()].filter((number) => number !== 9).map((number) => `${recordText(number)}\n`);
    expect(out).toBe(records.join(''));
  });

  test('leaves out what happened before a day', async () => {
    const log = await append('log', 0, 6);

    const { out } = await run('export', log, '--public-key', key, '--since', '2026-01-03');

    expect(idsIn(out)).toEqual([anEventId(2), anEventId(5)]);
  });

  test('goes on where the last one ended', async () => {
    const log = await append('log', 0, 300);
    const args = ['export', log, '--public-key', key, '--checkpoint', path('seen')];

    expect(idsIn((await run(...args)).out)).toEqual(ids(0, 300));
    await append('log', 300, 520);
    expect(idsIn((await run(...args)).out)).toEqual(ids(300, 520));
    expect(await run(...args)).toEqual({ out: '', err: '', exitCode: 0 });
  });

  test('refuses a log that is no longer the one it went on from', async () => {
    await run('export', await append('log', 0, 300), '--public-key', key, '--checkpoint', path('seen'));
    const seen = readFileSync(path('seen'), 'utf8');

    for (const [name, from, to] of [['rolled-back', 0, 299] as const, ['forked', 1, 400] as const]) {
      const log = await append(name, from, to);
      const { out, err, exitCode } = await run('export', log, '--public-key', key, '--checkpoint', path('seen'));
      expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
      expect(err).toMatch(/rolled back|two histories/);
    }
    expect(readFileSync(path('seen'), 'utf8')).toBe(seen);
  });

  test('prints what is before a bad entry, and ends with 1', async () => {
    const log = await append('log', 0, 300);
    const bundle = join(log, 'tile/entries/001.p/44');
    const bytes = readFileSync(bundle);
    bytes[2 + bytes.readUInt16BE(0) + 5] = 0x20;
    writeFileSync(bundle, bytes);

    const { out, err, exitCode } = await run('export', log, '--public-key', key, '--checkpoint', path('seen'));

    expect(idsIn(out)).toEqual(ids(0, 257));
    expect(err).toContain('Entry 257 is not what');
    expect(exitCode).toBe(1);
    expect(existsSync(path('seen'))).toBe(false);
  });
});

describe('tail', () => {
  test('shows the latest, in lines that fit', async () => {
    const log = await append('log', 0, 300);

    const { out, exitCode } = await run('tail', log, '--public-key', key, '-n', '2');

    expect(out.split('\n').filter((line) => /^ +\d+ {2}2026/.test(line))).toEqual([
      '     298  2026-01-02T10:00:00.000Z  Decrypt  ok',
      '     299  2026-01-03T10:00:00.000Z  key-rotated.v1',
    ]);
    expect(exitCode).toBe(0);
  });

  test('follows what comes, as long as the log goes on', async () => {
    const reader = folderReader(await append('log', 0, 300));
    const log = { reader, key: readVerifierKey(key) };
    const first = await currentCheckpoint(log);
    const out: string[] = [];
    const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);

    const steps = [() => Promise.resolve(''), () => append('log', 300, 303), () => append('log', 303, 304)];
    await followLog(log, first, true, async () => (await steps.shift()?.()) !== undefined);
    stdout.mockRestore();

    expect(idsIn(out.join(''))).toEqual(ids(300, 304));
  });
});

describe('verify', () => {
  test('keeps what it verified, and finds a log that was rolled back since', async () => {
    const log = await append('log', 0, 300);
    const args = ['--public-key', key, '--checkpoint', path('seen')];

    expect((await run('verify', log, ...args)).exitCode).toBe(0);
    expect(readFileSync(path('seen'), 'utf8')).toBe(readFileSync(join(log, 'checkpoint'), 'utf8'));

    const { out, exitCode } = await run('verify', await append('shorter', 0, 299), ...args);
    expect(out).toContain('rolled-back');
    expect(out).toContain('the first bad entry is 299');
    expect(exitCode).toBe(1);
    expect(readFileSync(path('seen'), 'utf8')).toBe(readFileSync(join(log, 'checkpoint'), 'utf8'));
  });
});

describe('compare', () => {
  const trail = (name: string, numbers: readonly number[]) => folder.file(name, logOf(numbers.map(recordOf)));

  test('lists what one side lacks, and nothing else', async () => {
    const log = await append('log', 0, 9);
    trail('trail/a.json', [1, 2, 3, 4, 4]);
    trail('trail/b.json', [5, 6, 7, 8, 100]);

    const { out, exitCode } = await run('compare', log, path('trail'), '--public-key', key, '--json');

    const [counts, ...lone] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .reverse();
    expect(counts).toEqual({ matched: 8, onlyInStream: 1, onlyInCloudTrail: 1, damaged: 0 });
    expect(lone).toContainEqual(expect.objectContaining({ onlyIn: 'stream', index: 0, eventId: anEventId(0) }));
    expect(lone).toContainEqual(
      expect.objectContaining({ onlyIn: 'cloudtrail', file: path('trail/b.json'), eventId: anEventId(100) }),
    );
    expect(exitCode).toBe(1);
  });

  test('takes the days that both sides cover, leaves out facts and other keys, and ends with 0', async () => {
    const log = await append('log', 0, 10);
    const others = aKmsRecord({ eventID: anEventId(50), resources: [] });
    folder.file('trail/a.json', logOf([...[1, 4, 7, 201].map(recordOf), others]));

    const days = ['--since', '2026-01-02', '--until', '2026-01-03'];
    const { out, exitCode } = await run('compare', log, path('trail'), '--public-key', key, ...days);

    expect(out).toBe('3 in both, 0 only in the log, 0 only in CloudTrail\n');
    expect(exitCode).toBe(0);
  });

  test('says which file is damaged', async () => {
    const log = await append('log', 0, 1);
    trail('trail/a.json', [0]);
    folder.file('trail/b.json', `${logOf([recordOf(0)]).slice(0, -30)}`);

    const { err, exitCode } = await run('compare', log, path('trail'), '--public-key', key);

    expect(err).toContain(path('trail/b.json'));
    expect(exitCode).toBe(1);
  });
});

describe('public-key', () => {
  test('is that of the file which replay signs with', async () => {
    const pem = newSigningKeyPem();
    folder.file('key.pem', pem);

    const { out, exitCode } = await run('public-key', 'acme', 'a b', '--signing-key', path('key.pem'));

    const [acme = '', other = ''] = out.split('\n');
    expect(readVerifierKey(acme).name).toBe('keywright/audit/acme');
    expect(readVerifierKey(other).name).toBe(originOf('a b'));
    expect(exitCode).toBe(0);
  });

  test('is not made up where there is no key', async () => {
    for (const args of [[], ['--signing-key', path('none.pem')]]) {
      expect(await run('public-key', 'acme', ...args)).toMatchObject({ out: '', exitCode: 2 });
    }
    expect(existsSync(path('none.pem'))).toBe(false);
  });
});
