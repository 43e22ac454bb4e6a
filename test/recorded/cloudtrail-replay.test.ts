/**
 * All of ../shared/data/cloudtrail replayed, and the counts compared with ones found by reading the files whole and
 * looking at nothing but the fields in question.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { findInputs } from '../../cli/replay/inputs';
import { replay } from '../../cli/replay/replay';
import { seenIds } from '../../cli/replay/seen-ids';
import { defaultKeyFile, signerOf } from '../../cli/replay/signing-key';
import { streamsIn } from '../../cli/replay/streams';
import { readKmsRecord } from '../../events/cloudtrail-kms-record';
import { keyUseOf } from '../../events/kms-key-use';
import { kmsKeyDeleted, kmsKeyMaterialExpired, kmsKeyRotatedNatively } from '../../events/kms-native-events';
import { KMS_OPERATIONS } from '../../events/kms-operations';
import { ownerAccountIsCustomer } from '../../shared/domain/audit/whose-record';
import { textsIn, type WorkFolder, workFolder } from '../support/log-files';

const DATA = resolve(__dirname, '../../../shared/data/cloudtrail');

interface Found {
  readonly eventSource?: string;
  readonly eventName?: string;
  readonly eventID?: string;
  readonly readOnly?: boolean;
  readonly resources?: readonly { readonly ARN?: string }[] | null;
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();

/** The records of a file, found without any of our own code. */
function recordsOf(path: string): readonly Found[] {
  const text = readFileSync(path, 'utf8');
  if (path.endsWith('.jsonl'))
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).record);
  const value = JSON.parse(text);
  if (Array.isArray(value)) return [];
  return value.Records ?? [value.detail ?? value].filter((record: Found) => record.eventSource && record.eventID);
}

const records = filesBelow(DATA).flatMap(recordsOf);
const ofKms = records.filter(({ eventSource }) => eventSource === 'kms.amazonaws.com');
const keyOf = (record: Found) => record.resources?.find(({ ARN }) => ARN?.includes(':key/'))?.ARN;

let folder: WorkFolder;
beforeEach(() => {
  folder = workFolder();
});
afterEach(() => folder.remove());

async function run(paths: readonly string[], out: string) {
  const seen = seenIds();
  const { summary } = {
    summary: await replay(findInputs(paths, out), [], {
      index: ownerAccountIsCustomer,
      streams: streamsIn(out, signerOf(defaultKeyFile(out)), seen, () => true),
      seen,
      onProgress: { file() {}, read() {}, skipped() {} },
    }),
  };
  return summary;
}

test('every file is replayed, and each count is the one found by hand', async () => {
  const summary = await run([DATA], join(folder.path, 'out'));
  const distinct = new Map(ofKms.map((record) => [record.eventID, record]));
  const withKey = [...distinct.values()].filter(keyOf);
  const withoutLog = filesBelow(DATA).filter((path) => recordsOf(path).length === 0);

  expect(summary).toMatchObject({
    files: filesBelow(DATA).length,
    records: records.length,
    kmsRecords: ofKms.length,
    attributed: withKey.length,
    unattributed: distinct.size - withKey.length,
    duplicates: ofKms.length - distinct.size,
  });
  expect(records.length).toBe(1022);
  expect(ofKms.length).toBe(189);
  expect(summary.rejected.map(({ file }) => file)).toEqual(withoutLog);
  const accounts = [...new Set(withKey.map((record) => String(keyOf(record)?.split(':')[4])))];
  const entries = accounts.map((account) => [
    account,
    withKey.filter((record) => keyOf(record)?.split(':')[4] === account).length,
  ]);
  expect(accounts.length).toBeGreaterThan(1);
  expect(
    Object.entries(summary.customers)
      .map(([account, customer]) => [account, customer.entries])
      .sort(),
  ).toEqual(entries.sort());
  console.log(
    `recorded cloudtrail: ${records.length} records of ${summary.files} files read, ${ofKms.length} of KMS; ` +
      `${summary.rejected.length} files rejected: they hold events that CloudTrail did not write`,
  );
});

test('the real trail files make the same streams compressed, indented and as JSON lines', async () => {
  const files = filesBelow(join(DATA, 'invictus'));
  const plain = await run(files, join(folder.path, 'plain'));
  const forms: Readonly<Record<string, (text: string) => string | Uint8Array>> = {
    'json.gz': (text) => gzipSync(text),
    'indented.json': (text) => JSON.stringify(JSON.parse(text), null, 1),
    jsonl: (text) =>
      JSON.parse(text)
        .Records.map((record: unknown) => JSON.stringify(record))
        .join('\n'),
  };
  expect(plain).toMatchObject({ records: 960, kmsRecords: 139, attributed: 139, rejected: [] });
  for (const [form, make] of Object.entries(forms)) {
    for (const [at, file] of files.entries()) folder.file(`${form}/${at}.${form}`, make(readFileSync(file, 'utf8')));
    await run([join(folder.path, form)], join(folder.path, `out-${form}`));
    expect([form, recordsIn(join(folder.path, `out-${form}`))]).toEqual([form, recordsIn(join(folder.path, 'plain'))]);
  }
});

/** The records of the one stream there, as they are signed: where each was taken from differs. */
const recordsIn = (out: string) =>
  textsIn(join(out, '123837392027')).map((text) => text.slice(text.indexOf('"record":')));

test('every KMS record is read and its operation known, and reads are told from changes as AWS does', () => {
  expect(ofKms).toHaveLength(189);
  for (const record of ofKms) {
    const use = keyUseOf(readKmsRecord(record));
    expect(KMS_OPERATIONS).toHaveProperty(use.operation);
    if (record.readOnly !== undefined)
      expect([use.operation, KMS_OPERATIONS[use.operation]?.readOnly]).toEqual([use.operation, record.readOnly]);
    expect(use.keys[0]?.kmsKeyArn).toBe(keyOf(record));
  }
});

test('the native events of KMS are read by their contracts', () => {
  const events: { event: { 'detail-type': string; resources: string[] } }[] = JSON.parse(
    readFileSync(join(DATA, 'kms-eventbridge-native-events.json'), 'utf8'),
  );
  const contracts = [kmsKeyRotatedNatively, kmsKeyMaterialExpired, kmsKeyDeleted];

  expect(events).toHaveLength(3);
  expect(events.map(({ event }) => event['detail-type'])).toEqual(contracts.map(({ detailType }) => detailType));
  for (const [at, { event }] of events.entries()) expect(contracts[at]?.read(event).kmsKeyArn).toBe(event.resources[0]);
});
