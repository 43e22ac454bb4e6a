import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { folderReader } from 'keywright-verify/folder';
import { verifyLog } from 'keywright-verify/log';
import { readVerifierKey } from 'keywright-verify/note';
import { folderOf } from '../../../../cli/replay/customers';
import { findInputs } from '../../../../cli/replay/inputs';
import { replay } from '../../../../cli/replay/replay';
import { seenIds } from '../../../../cli/replay/seen-ids';
import { defaultKeyFile, signerOf } from '../../../../cli/replay/signing-key';
import { streamsIn } from '../../../../cli/replay/streams';
import { openFolderAuditLog } from '../../../../shared/adapters/folder-audit-log';
import { ownerAccountIsCustomer } from '../../../../shared/domain/audit/whose-record';
import { OPERATOR_ID } from '../../../../shared/domain/customers/customer';
import { type CustomerMarks, customerIndex } from '../../../../shared/domain/customers/customer-index';
import {
  ACCOUNT,
  aKmsRecord,
  anEnvelope,
  anEventId,
  aReEncrypt,
  KEY,
  OTHER_ACCOUNT,
  OTHER_KEY,
} from '../../../support/cloudtrail-records';
import { entriesIn, logOf, snapshotOf, textsIn, type WorkFolder, workFolder } from '../../../support/log-files';

let folder: WorkFolder;
beforeEach(() => {
  folder = workFolder();
});
afterEach(() => folder.remove());

const record = (number: number, fields = {}) => aKmsRecord({ eventID: anEventId(number), ...fields });
const OF_S3 = {
  ...record(900),
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  requestParameters: { keyId: 7 },
};

const none = { accounts: [], encryptionContext: {} };
const ACME: CustomerMarks = { customerId: 'acme', kmsKeys: [KEY], ...none };
const GLOBEX: CustomerMarks = { customerId: 'globex', kmsKeys: [OTHER_KEY], ...none };

async function run(
  paths: readonly string[],
  customers?: readonly CustomerMarks[],
  out = join(folder.path, 'out'),
  isOurs = () => true,
) {
  const seen = seenIds();
  const skipped: string[] = [];
  const inputs = findInputs(paths, out);
  const summary = await replay(inputs, customers?.map(({ customerId }) => customerId) ?? [], {
    index: customers ? customerIndex(customers) : ownerAccountIsCustomer,
    streams: streamsIn(out, signerOf(defaultKeyFile(out)), seen, isOurs),
    seen,
    onProgress: { file() {}, read() {}, skipped: (file, kind) => skipped.push(`${file}: ${kind}`) },
  });
  return { summary, out, skipped: [...inputs.skipped.map(({ file }) => file), ...skipped] };
}

/** The summary but for its root hashes, which tell nothing to a reader of a test. */
function counted({ summary }: Awaited<ReturnType<typeof run>>) {
  const { customers, operator: _operator, rejected, skipped: _, ...counts } = summary;
  const entries = Object.entries(customers).map(([customerId, customer]) => [customerId, customer.entries]);
  return { ...counts, rejected: rejected.length, entries: Object.fromEntries(entries) };
}

test('records go to the streams of the customers they concern, and every stream verifies', async () => {
  const log = folder.file(
    'log.json',
    logOf([record(1), OF_S3, record(2, { resources: [{ ARN: OTHER_KEY }] }), record(3)]),
  );

  const result = await run([log], [ACME, GLOBEX]);

  expect(counted(result)).toEqual({
    files: 1,
    records: 4,
    kmsRecords: 3,
    attributed: 3,
    unattributed: 0,
    duplicates: 0,
    rejected: 0,
    entries: { acme: 2, globex: 1 },
  });
  expect(entriesIn(join(result.out, 'acme')).map(({ eventId }) => eventId)).toEqual([anEventId(1), anEventId(3)]);
  for (const customerId of ['acme', 'globex']) {
    const stream = join(result.out, customerId);
    const key = readVerifierKey(readFileSync(join(stream, 'public-key'), 'utf8').trim());
    const report = await verifyLog(folderReader(stream), key);
    expect(report).toMatchObject({ ok: true, rootHash: result.summary.customers[customerId]?.rootHash });
  }
});

test('the same records make the same streams, whatever kind of file they come in', async () => {
  const records = [record(1), record(2), record(3)];
  const forms: Readonly<Record<string, string | Uint8Array>> = {
    'log.json': logOf(records),
    'indented.json': JSON.stringify({ Records: records }, null, 2),
    'log.json.gz': gzipSync(logOf(records)),
    'members.gz': Buffer.concat([gzipSync(logOf(records).slice(0, 50)), gzipSync(logOf(records).slice(50))]),
    'lines.jsonl': records.map((one) => JSON.stringify(one)).join('\n'),
    'lines.txt': records.map((one) => `${JSON.stringify(one)}\r\n`).join(''),
    'list.json': JSON.stringify(records),
    'events.json': JSON.stringify(records.map((one) => anEnvelope(one))),
    'events.jsonl': records.map((one) => JSON.stringify(anEnvelope(one))).join('\n'),
    'wrapped.jsonl': records.map((one) => JSON.stringify({ host: 'h', event: one })).join('\n'),
    'logs.jsonl': records.map((one) => logOf([one])).join('\n'),
  };
  const entries = new Set<string>();
  for (const [name, content] of Object.entries(forms)) {
    const result = await run([folder.file(name, content)], [ACME], join(folder.path, `out-${name}`));
    expect([name, counted(result)]).toMatchObject([name, { records: 3, attributed: 3, rejected: 0 }]);
    entries.add(JSON.stringify(entriesIn(join(result.out, 'acme')).map(withoutPlace)));
  }

  expect(entries.size).toBe(1);
});

/** An entry but for where its record stood and what stood between its parts. */
const withoutPlace = ({ provenance: _, recordSha256: __, raw: ___, ...entry }: Readonly<Record<string, unknown>>) =>
  entry;

test.each([
  ['compact', (one: string) => `{"Records":[${one}]}`],
  ['indented', (one: string) => `{ "Records": [ ${one.replaceAll('":', '": ')} ] }`],
  ['an event', (one: string) => anEventWith(one)],
  ['an event in a wrapper', (one: string) => `{"event":${anEventWith(one)}}`],
])('what is signed is what AWS wrote, and where it stood: %s', async (_, make) => {
  const text = JSON.stringify(record(1)).replace('{', '{"size":1.0,"counter":9007199254740993,"big":1E400,');
  folder.file(`AWSLogs/${ACCOUNT}/CloudTrail/log.json`, make(text));
  const { out } = await run([join(folder.path, 'AWSLogs')], [ACME]);

  const [entry] = textsIn(join(out, 'acme'));
  const raw = entry && (JSON.parse(entry).raw ?? entry.slice(entry.indexOf('"record":') + '"record":'.length, -1));
  expect(make(text)).toContain(raw);
  expect(entry).toContain('"record":{"size":1.0,"counter":9007199254740993,"big":1E400,"eventVersion":');
  expect(entry && JSON.parse(entry)).toMatchObject({
    provenance: { via: 'file', object: `AWSLogs/${ACCOUNT}/CloudTrail/log.json`, index: 0 },
    recordSha256: createHash('sha256').update(raw).digest('hex'),
  });
});

const anEventWith = (text: string) =>
  JSON.stringify(anEnvelope(record(1))).replace(/"detail":.*}/, () => `"detail":${text}}`);

test('a stream that was begun with entries of the first version is gone on with', async () => {
  const out = join(folder.path, 'out');
  const first = { v: 1, eventId: anEventId(1), customerId: 'acme', record: record(1) };
  const begun = await openFolderAuditLog(join(out, 'acme'), {
    origin: 'keywright/audit/acme',
    signer: signerOf(defaultKeyFile(out)),
    isOurs: () => true,
  });
  begun.append(Buffer.from(JSON.stringify(first)));
  await begun.checkpoint();

  const log = folder.file('log.json', logOf([record(1), record(2)]));
  const { summary } = await run([log], [ACME], out);

  expect(summary).toMatchObject({ attributed: 2, customers: { acme: { entries: 2, treeSize: 2 } } });
  expect(entriesIn(join(out, 'acme')).map(({ v }) => v)).toEqual([1, 2]);
  const key = readVerifierKey(readFileSync(join(out, 'acme', 'public-key'), 'utf8').trim());
  expect(await verifyLog(folderReader(join(out, 'acme')), key)).toMatchObject({ ok: true });
});

test('the same files twice change nothing: not a byte, and not the time of a file', async () => {
  const log = folder.file(
    'logs/log.json',
    logOf([record(1), record(2), record(2), aReEncrypt({ sharedEventID: 's' })]),
  );

  const first = await run([log], [ACME, GLOBEX]);
  const before = snapshotOf(first.out);
  const second = await run([log], [ACME, GLOBEX]);

  expect(snapshotOf(second.out)).toEqual(before);
  expect(second.summary).toEqual(first.summary);
});

test('a stream is gone on with by later files, and an event it holds is not written again', async () => {
  const first = folder.file('1.json', logOf([record(1), record(2)]));
  const second = folder.file('2.json', logOf([record(2), record(3)]));

  await run([first], [ACME]);
  const { summary, out } = await run([second], [ACME]);

  expect(summary).toMatchObject({ attributed: 2, duplicates: 0, customers: { acme: { entries: 2, treeSize: 3 } } });
  expect(entriesIn(join(out, 'acme')).map(({ eventId }) => eventId)).toEqual([1, 2, 3].map(anEventId));
});

test('the two accounts’ copies of one call are one entry, and each further copy is a duplicate', async () => {
  const ours = record(1, { sharedEventID: 'call' });
  const theirs = record(2, { sharedEventID: 'call', recipientAccountId: OTHER_ACCOUNT });
  const log = folder.file('log.json', logOf([ours, theirs, ours]));

  expect(counted(await run([log], [ACME]))).toMatchObject({
    kmsRecords: 3,
    attributed: 1,
    duplicates: 2,
    entries: { acme: 1 },
  });
});

test('copies of a ReEncrypt that each name one key reach both customers', async () => {
  const shared = { sharedEventID: 'call', requestParameters: null };
  const acmes = aReEncrypt({ ...shared, eventID: anEventId(1), resources: [{ ARN: KEY }] });
  const globexs = aReEncrypt({ ...shared, eventID: anEventId(2), resources: [{ ARN: OTHER_KEY }] });
  const log = folder.file('log.json', logOf([acmes, globexs]));

  expect(counted(await run([log], [ACME, GLOBEX]))).toMatchObject({ attributed: 2, entries: { acme: 1, globex: 1 } });
});

test('a ReEncrypt between two customers is one record and two entries', async () => {
  const log = folder.file('log.json', logOf([aReEncrypt()]));

  expect(counted(await run([log], [ACME, GLOBEX]))).toMatchObject({ attributed: 1, entries: { acme: 1, globex: 1 } });
});

test('what belongs to nobody is counted, once, and is in the operator’s stream, whole and verifiable', async () => {
  const log = folder.file('log.json', logOf([record(1), record(1)]));
  const result = await run([log], [GLOBEX]);

  expect(counted(result)).toMatchObject({ unattributed: 1, duplicates: 1, entries: { globex: 0 } });
  expect(result.summary.operator).toMatchObject({ entries: 1, treeSize: 1 });
  expect(Object.keys(result.summary.customers)).toEqual(['globex']);
  const stream = join(result.out, folderOf(OPERATOR_ID));
  expect(entriesIn(stream)).toMatchObject([{ eventId: anEventId(1), customerId: OPERATOR_ID, record: record(1) }]);
  const key = readVerifierKey(readFileSync(join(stream, 'public-key'), 'utf8').trim());
  expect(await verifyLog(folderReader(stream), key)).toMatchObject({ ok: true });
});

test('what is somebody’s in a later run, with more customers, is in their stream as well', async () => {
  const log = folder.file('log.json', logOf([record(1)]));
  const first = await run([log], [GLOBEX]);
  const second = await run([log], [GLOBEX, ACME], first.out);

  expect(counted(second)).toMatchObject({ attributed: 1, unattributed: 0, entries: { acme: 1 } });
});

test('without customers the account that owns the key is the customer', async () => {
  const log = folder.file('log.json', logOf([record(1), record(2, { resources: [{ ARN: OTHER_KEY }] })]));

  expect(counted(await run([log]))).toMatchObject({ entries: { [ACCOUNT]: 1, [OTHER_ACCOUNT]: 1 } });
});

test.each([
  ['null', null, 'record: must be an object'],
  ['a number', 7, 'record: must be an object'],
  ['an object of another kind', { a: 1 }, 'record.eventVersion: is missing'],
  ['a record without an id', record(9, { eventID: undefined }), 'record.eventID: is missing'],
  ['a record with a wrong context', record(9, { requestParameters: { encryptionContext: 7 } }), 'encryptionContext'],
  ['an event of another kind', anEnvelope(record(9), { 'detail-type': 'Scheduled Event' }), 'is no CloudTrail event'],
])('%s is rejected by its place and reason, and the records beside it are kept', async (_, bad, reason) => {
  const log = folder.file('log.json', logOf([record(1), bad, record(2)]));
  const { summary } = await run([log], [ACME]);

  expect(summary).toMatchObject({ records: 2, attributed: 2, rejected: [{ file: log, index: 1 }] });
  expect(summary.rejected[0]?.reason).toContain(reason);
});

test.each([
  ['an empty file', '', 'is empty'],
  ['text', 'Dear auditor,\nthese are not the logs.\n', 'no CloudTrail log'],
  ['JSON of another kind', '{"a":1}', 'no CloudTrail log'],
  ['a list of other things', '[1,2,3,4]', 'no CloudTrail log'],
  ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0, 0, 0xff]), 'no CloudTrail log'],
  ['lines of another kind', '{"a":1}\n{"a":2}\n', 'no CloudTrail log'],
])('%s is rejected once, as no log', async (_, content, reason) => {
  const other = folder.file('other', content);
  const log = folder.file('log.json', logOf([record(1)]));
  const { summary } = await run([other, log], [ACME]);

  expect(summary).toMatchObject({ files: 2, records: 1, rejected: [{ file: other, index: 0 }] });
  expect(summary.rejected[0]?.reason).toContain(reason);
});

test('wherever a gzip file is cut, it is rejected once and its whole records are kept', async () => {
  const records = [record(1), record(2), record(3)];
  const whole = gzipSync(logOf(records));
  for (let length = 1; length < whole.length; length += 7) {
    const cut = folder.file('cut.json.gz', whole.subarray(0, length));
    const { summary } = await run([cut], [ACME], join(folder.path, `out-${length}`));
    expect([length, summary.rejected.length]).toEqual([length, 1]);
    expect(summary.attributed).toBe(summary.records);
  }
  const trailer = folder.file('cut.json.gz', whole.subarray(0, -1));
  expect((await run([trailer], [ACME])).summary).toMatchObject({ records: 3, rejected: [{ file: trailer, index: 3 }] });
});

test('a digest is left out with a note, and is neither a file nor a rejection', async () => {
  const digest = folder.file('digest.json', JSON.stringify({ digestS3Object: 'x', logFiles: [] }));
  const { summary, skipped } = await run([digest], [ACME]);

  expect(summary).toMatchObject({ files: 0, records: 0, rejected: [] });
  expect(skipped).toEqual([`${digest}: digest`]);
});

test('everything under AWSLogs is read or said to be skipped, and nothing of it rejected', async () => {
  const below = (name: string, content: string | Uint8Array) => folder.file(`AWSLogs/o-a1/${ACCOUNT}/${name}`, content);
  const old = { eventVersion: '1.0', eventSource: 'ec2.amazonaws.com', eventName: 'StartInstances' };
  const aggregated = { eventVersion: '1.0', eventCategory: 'Aggregated', eventType: 'AwsAggregatedEvent' };
  const insight = { eventVersion: '1.08', eventType: 'AwsCloudTrailInsight', eventCategory: 'Insight' };
  const network = record(2, { eventType: 'AwsVpceEvent', eventCategory: 'NetworkActivity', resources: null });
  below('CloudTrail/eu-central-1/2026/11/01/a.json.gz', gzipSync(logOf([old, record(1), OF_S3])));
  below('CloudTrail/eu-central-1/2026/11/01/b.json', logOf([]));
  below('CloudTrail-Aggregated/eu-central-1/a.json', logOf([aggregated]));
  below('CloudTrail-Insight/eu-central-1/a.json', logOf([insight]));
  below('CloudTrail-NetworkActivity/eu-central-1/a.json', logOf([network]));
  below('CloudTrail-Digest/eu-central-1/a.json', JSON.stringify({ digestS3Object: 'x', logFiles: [] }));
  below('Config/ConfigWritabilityCheckFile', '');
  below('Config/eu-central-1/a.json.gz', gzipSync('{"fileVersion":"1.0","configurationItems":[{}]}'));
  below(
    'vpcflowlogs/eu-central-1/a.log.gz',
    gzipSync('version account-id\n2 111122223333 eni-1 10.0.0.1\n'.repeat(900)),
  );
  below('vpcflowlogs/eu-central-1/a.log.parquet', Buffer.from([0x50, 0x41, 0x52, 0x31, 0xff, 0xfe, 0]));
  below('ELBAccessLogTestFile', 'Enable AccessLog for ELB: orders\n');

  const { summary } = await run([join(folder.path, 'AWSLogs')], [ACME]);

  expect(summary).toMatchObject({ files: 5, records: 6, kmsRecords: 2, attributed: 1, unattributed: 1, rejected: [] });
  expect(summary.skipped).toEqual([
    { kind: 'other-service', of: 'records', count: 2, reason: expect.any(String) },
    { kind: 'insight', of: 'records', count: 1, reason: expect.any(String) },
    { kind: 'aggregated', of: 'records', count: 1, reason: expect.any(String) },
    { kind: 'digest', of: 'files', count: 1, reason: expect.any(String) },
    { kind: 'other-log', of: 'files', count: 5, reason: expect.any(String) },
  ]);
});

test('a log of CloudTrail is read wherever it lies, and garbage in a folder of CloudTrail is rejected', async () => {
  folder.file(`AWSLogs/${ACCOUNT}/Config/a.json`, logOf([record(1)]));
  const bad = folder.file(`AWSLogs/${ACCOUNT}/CloudTrail/a.json`, 'Dear auditor');

  expect((await run([join(folder.path, 'AWSLogs')], [ACME])).summary).toMatchObject({
    attributed: 1,
    rejected: [{ file: bad }],
  });
});

test('folders are read with everything below them, in order; hidden files and the output are left out', async () => {
  folder.file('logs/b/2.json', logOf([record(2)]));
  folder.file('logs/a/1.json', logOf([record(1)]));
  const hidden = folder.file('logs/.DS_Store', 'x');
  const out = join(folder.path, 'logs', 'out');
  mkdirSync(out);

  const first = await run([join(folder.path, 'logs')], [ACME], out);
  const second = await run([join(folder.path, 'logs')], [ACME], out);

  expect(entriesIn(join(out, 'acme')).map(({ eventId }) => eventId)).toEqual([anEventId(1), anEventId(2)]);
  expect(first.skipped).toEqual([hidden, out]);
  expect(second.summary).toEqual(first.summary);
});

test('a file of garbage lists a thousand rejections and counts the rest', async () => {
  const bad = Array.from({ length: 1500 }, () => ({ a: 1 }));
  const { summary } = await run([folder.file('log.json', logOf([...bad, record(1)]))], [ACME]);

  expect(summary).toMatchObject({ records: 1, attributed: 1 });
  expect(summary.rejected).toHaveLength(1001);
  expect(summary.rejected.at(-1)?.reason).toContain('500 more');
});

test('a hostile customer id stays inside the output', async () => {
  const customers = ['../evil', '.keywright', '__proto__'].map((customerId, at) => ({
    ...ACME,
    customerId,
    kmsKeys: at === 2 ? [KEY] : [],
  }));
  const { summary, out } = await run([folder.file('log.json', logOf([record(1)]))], customers);

  expect(Object.entries(summary.customers).map(([id, { entries }]) => [id, entries])).toEqual([
    ['../evil', 0],
    ['.keywright', 0],
    ['__proto__', 1],
  ]);
  const written = Object.keys(snapshotOf(folder.path));
  expect(written.filter((path) => !path.startsWith(out))).toEqual([expect.stringMatching(/log\.json$/)]);
});

test('the counts balance, whatever the records and however they repeat', async () => {
  const anyRecord = fc.record({
    id: fc.nat(6),
    shared: fc.option(fc.nat(3), { nil: undefined }),
    key: fc.constantFrom(KEY, OTHER_KEY, 'arn:aws:kms:eu-central-1:999988887777:key/nobodys'),
    bad: fc.boolean(),
  });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyRecord, { maxLength: 25 }), async (list) => {
      const records = list.map(({ id, shared, key, bad }) =>
        bad
          ? { id }
          : record(id, { sharedEventID: shared === undefined ? undefined : `s${shared}`, resources: [{ ARN: key }] }),
      );
      const result = await run(
        [folder.file('log.json', logOf(records))],
        [ACME, GLOBEX],
        join(folder.path, `out-${round++}`),
      );
      const { summary } = result;
      expect(summary.records + summary.rejected.length).toBe(list.length);
      expect(summary.attributed + summary.unattributed + summary.duplicates).toBe(summary.kmsRecords);
      for (const customer of Object.values(summary.customers)) expect(customer.entries).toBe(customer.treeSize);
      const ids = ['acme', 'globex'].flatMap((id) =>
        entriesIn(join(result.out, id)).map(({ eventId }) => `${id} ${eventId}`),
      );
      expect(new Set(ids).size).toBe(summary.attributed);
    }),
    { numRuns: 60 },
  );
});

test('a replay whose output folder was moved is refused, also when it had nothing to add', async () => {
  const log = folder.file('log.json', logOf([record(1)]));
  const moved = () => false;

  await expect(run([log], [ACME], undefined, moved)).rejects.toMatchObject({ code: 'audit.contradicted' });
  await run([log], [ACME]);
  await expect(run([log], [ACME], undefined, moved)).rejects.toThrow('was moved');
});
