/**
 * Inputs of faults that people reported of other programs, replayed by the command in this process: each is read as it
 * should be, and signed as it was written.
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { replayCommand } from '../../cli/replay/command';
import { bundlePath, entriesOf } from '../../shared/domain/audit/log/layout';
import { type WorkFolder, workFolder } from '../support/log-files';

const DATA = resolve(__dirname, '../../../shared/data/reported');
const ACCOUNT = '111122223333';

let folder: WorkFolder;
beforeEach(() => {
  folder = workFolder();
});
afterEach(() => folder.remove());

/** The command's summary, and where it wrote. */
async function replayed(...args: readonly string[]) {
  const out = join(folder.path, 'out');
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
  try {
    await replayCommand().parseAsync([...args, '--out', out], { from: 'user' });
    const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    return { summary, out };
  } finally {
    process.exitCode = undefined;
    jest.restoreAllMocks();
  }
}

function entriesIn(stream: string): readonly string[] {
  const size = Number(readFileSync(join(stream, 'checkpoint'), 'utf8').split('\n')[1]);
  return entriesOf(readFileSync(join(stream, bundlePath(0, size)))).map((bytes) => Buffer.from(bytes).toString());
}

test.each(['gzip-trailing-two-bytes', 'gzip-trailing-zeros'])(
  '%s: every record of a sound member is read, whatever trails it',
  async (name) => {
    const { summary } = await replayed(join(DATA, name));

    expect(summary).toMatchObject({ files: 1, records: 3, kmsRecords: 3, attributed: 3 });
  },
);

test('numbers/compact: what is signed is what AWS wrote', async () => {
  const { summary, out } = await replayed(join(DATA, 'numbers/compact'));

  const written = readFileSync(join(DATA, 'numbers/compact/a.json'), 'utf8');
  const record = written.slice('{"Records":['.length, -']}'.length);
  expect(summary).toMatchObject({ kmsRecords: 1, attributed: 1 });
  expect(record).toMatch(/9007199254740993,"size":1\.0/);
  expect(entriesIn(join(out, ACCOUNT))).toEqual([expect.stringContaining(`"record":${record}`)]);
});

test.each(['pretty', 'eventbridge'])('numbers/%s: what is signed is what AWS wrote', async (form) => {
  const { out } = await replayed(join(DATA, 'numbers', form));

  const [entry = ''] = entriesIn(join(out, ACCOUNT));
  const { raw, recordSha256 } = JSON.parse(entry);
  const record = raw ?? entry.slice(entry.indexOf('"record":') + '"record":'.length, -1);
  expect(readFileSync(join(DATA, 'numbers', form, 'a.json'), 'utf8')).toContain(record);
  expect(hash('sha256', record, 'hex')).toBe(recordSha256);
  expect(entry).toContain('"counter":9007199254740993,"size":1.0');
});

test.each([
  ['sound-record-aggregated', 'aggregated'],
  ['sound-record-version-1.0', 'other-service'],
])('%s: what is sound and of no key is skipped with its reason, and nothing rejected', async (name, kind) => {
  const { summary } = await replayed(join(DATA, name));

  expect(summary).toMatchObject({ kmsRecords: 1, attributed: 1, rejected: [], skipped: [{ kind, count: 1 }] });
});

test('partitions: a bare key id is a key of the partition of its Region', async () => {
  const { summary } = await replayed(
    join(DATA, 'partitions'),
    ...['--customers', join(DATA, 'partitions.customers.json')],
  );

  expect(summary).toMatchObject({ kmsRecords: 8, attributed: 8, unattributed: 0 });
});
