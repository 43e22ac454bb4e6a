import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { KmsRecord } from '../../../../events/cloudtrail-kms-record';
import { keyUseOf } from '../../../../events/kms-key-use';
import { ENTRY_BYTES_MAX, entryOfFact, entryOfRecord, namesOfEntry } from '../../../../shared/domain/audit/audit-entry';
import { partAt } from '../../../../shared/domain/audit/raw-json';
import { attribute } from '../../../../shared/domain/audit/whose-record';
import { customerIndex } from '../../../../shared/domain/customers/customer-index';
import { aKmsRecord, anEventId, aReEncrypt, KEY, OTHER_KEY } from '../../../support/cloudtrail-records';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const none = { accounts: [], encryptionContext: {} };
const index = customerIndex([
  { customerId: 'acme', kmsKeys: [KEY], ...none },
  { customerId: 'globex', kmsKeys: [OTHER_KEY], ...none },
]);

const PROVENANCE = { via: 'eventbridge', eventId: 'delivery-1', account: '111122223333' } as const;

function entriesOf(record: KmsRecord, text = JSON.stringify(record)) {
  const use = keyUseOf(record);
  const received = { ...partAt(`{"detail":${text}}`, ['detail']), provenance: PROVENANCE };
  return attribute(use, index).map((concern) => entryOfRecord(record, use, concern, received));
}

function soleEntry(record: KmsRecord, text?: string) {
  const [entry, ...others] = entriesOf(record, text);
  if (entry === undefined || others.length > 0) throw new Error(`expected one entry, got ${others.length + 1}`);
  return { ...entry, text: Buffer.from(entry.bytes).toString(), json: JSON.parse(Buffer.from(entry.bytes).toString()) };
}

test('an entry says what happened in our words and keeps the record in AWS’s', () => {
  const record = aKmsRecord({ newField: ['kept'], sharedEventID: 'shared' });

  expect(soleEntry(record).json).toEqual({
    v: 2,
    eventId: anEventId(1),
    sharedEventId: 'shared',
    customerId: 'acme',
    at: '2026-11-01T08:15:30.000Z',
    kind: 'crypto-use',
    operation: 'Decrypt',
    outcome: 'ok',
    kmsKeyArns: [KEY],
    encryptionContexts: [{ tenant: 'acme' }],
    keyMaterialIds: ['a'.repeat(64)],
    caller: { type: 'AssumedRole', accountId: '111122223333', arn: record.userIdentity?.arn },
    source: { accountId: '111122223333', region: 'eu-central-1' },
    provenance: PROVENANCE,
    recordSha256: sha256(JSON.stringify(record)),
    record,
  });
});

test('a record received without whitespace is kept byte for byte', () => {
  const text = JSON.stringify(aKmsRecord())
    .replace('"Decrypt"', '"De\\u0063rypt"')
    .replace('}', ',"big":12345678901234567890}');

  expect(soleEntry(JSON.parse(text), text).text).toContain(`"record":${text}}`);
});

test('an entry is one line, and the same record makes the same bytes', () => {
  const record = aKmsRecord({ requestParameters: { encryptionContext: { tenant: 'a\nb"c\\\u2028é' } } });

  expect(soleEntry(record).text).not.toContain('\n');
  expect(soleEntry(record).bytes).toEqual(soleEntry(structuredClone(record)).bytes);
});

test('any text in any member reads back as it was', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 10 }),
  );
  fc.assert(
    fc.property(text, text, (one, other) => {
      const record = aKmsRecord({
        errorCode: other,
        eventID: other,
        eventName: other,
        userIdentity: { arn: one },
        requestParameters: { constraints: { encryptionContextEquals: { [one]: other } } },
      });
      const { json } = soleEntry(record);
      expect(json).toMatchObject({ eventId: record.eventID, operation: record.eventName, record });
      expect(json.encryptionContexts).toEqual([record.requestParameters?.constraints?.encryptionContextEquals]);
    }),
    { numRuns: 1000 },
  );
});

test('an entry gives back the names of what it tells of', () => {
  expect(namesOfEntry(soleEntry(aKmsRecord({ sharedEventID: 's' })).bytes)).toEqual({
    eventId: anEventId(1),
    sharedEventId: 's',
    customerId: 'acme',
  });
});

test.each([
  ['acme', KEY, ['globex', OTHER_KEY, 'b'.repeat(64)]],
  ['globex', OTHER_KEY, ['acme', KEY, 'a'.repeat(64)]],
])('of a ReEncrypt between two customers %s sees nothing of the other', (customerId, own, foreign) => {
  const record = aReEncrypt({ errorMessage: `${KEY} ${OTHER_KEY}`, newField: { other: foreign } });
  const entry = entriesOf(record).find((one) => one.customerId === customerId);
  const text = Buffer.from(entry?.bytes ?? []).toString();

  expect(text).toContain(own);
  expect(text).toContain('"redacted"');
  for (const word of foreign) expect(text).not.toContain(word);
});

test('both customers know a shared ReEncrypt by the same names, and who made it', () => {
  const [one, other] = entriesOf(aReEncrypt());

  expect(JSON.parse(Buffer.from(other?.bytes ?? []).toString()).eventId).toEqual(aReEncrypt().eventID);
  expect(JSON.parse(Buffer.from(one?.bytes ?? []).toString()).record.userIdentity).toEqual(aReEncrypt().userIdentity);
});

test('a record larger than an entry loses its largest parts, says which, and keeps the hash of the whole', () => {
  const record = aKmsRecord({ eventName: 'PutKeyPolicy', requestParameters: { policy: 'x'.repeat(90_000) } });
  const { bytes, json } = soleEntry(record);
  const text = JSON.stringify(record);

  expect(bytes.length).toBeLessThanOrEqual(ENTRY_BYTES_MAX);
  expect(json.cut.fields).toContain('requestParameters');
  expect(json.cut.recordBytes).toBe(text.length);
  expect(json.cut.recordSha256).toBe(createHash('sha256').update(text).digest('hex'));
  expect(json.record.eventID).toBe(record.eventID);
});

test('a record just as large as an entry allows is kept whole', () => {
  const sizeWith = (filler: number) => soleEntry(aKmsRecord({ filler: 'x'.repeat(filler) })).bytes.length;
  const room = ENTRY_BYTES_MAX - sizeWith(0);

  expect(soleEntry(aKmsRecord({ filler: 'x'.repeat(room) }))).toMatchObject({
    json: { record: { filler: 'x'.repeat(room) } },
  });
  expect(soleEntry(aKmsRecord({ filler: 'x'.repeat(room + 1) })).json.cut.fields).toContain('filler');
});

test('contexts that alone fill an entry, as KMS takes them, are in it by their hash', () => {
  // 8,192 characters a side, each of which takes six bytes in JSON.
  const [source, destination] = ['\u0001', '\u0002'].map((character) => ({ tenant: character.repeat(8_000) }));
  const record = aReEncrypt({
    requestParameters: { sourceEncryptionContext: source, destinationEncryptionContext: destination },
    resources: [{ ARN: KEY }, { ARN: KEY }],
  });
  const { bytes, json } = soleEntry(record);

  expect(bytes.length).toBeLessThanOrEqual(ENTRY_BYTES_MAX);
  expect(json).toMatchObject({ operation: 'ReEncrypt', kmsKeyArns: [KEY], encryptionContexts: [] });
  expect(json.cut.encryptionContextsSha256).toBe(
    createHash('sha256')
      .update(JSON.stringify([source, destination]))
      .digest('hex'),
  );
  expect(json.cut.fields).toContain('requestParameters');
});

test.each([
  ['named', 3_000, 'x'.repeat(20)],
  ['counted', 100_000, 1],
])('a record of very many members is cut in one pass; those that are gone are %s', (way, count, value) => {
  const many = Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${at}`, value]));
  const record = aKmsRecord(many);
  const start = process.cpuUsage();
  const { bytes, json } = soleEntry(record);

  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(2);
  expect(bytes.length).toBeLessThanOrEqual(ENTRY_BYTES_MAX);
  expect(bytes.length).toBeGreaterThan(ENTRY_BYTES_MAX - 100);
  const gone = Object.keys(record).filter((name) => !(name in json.record));
  if (way === 'named') expect([...json.cut.fields].sort()).toEqual([...gone].sort());
  else {
    const fieldsSha256 = createHash('sha256').update(JSON.stringify(gone)).digest('hex');
    expect(json.cut).toMatchObject({ fields: [], fieldCount: gone.length, fieldsSha256 });
  }
});

test('a record whose names alone fill an entry is refused', () => {
  const record = aKmsRecord({ errorCode: 'x'.repeat(70_000) });

  expect(() => soleEntry(record)).toThrow(expect.objectContaining({ name: 'ContractViolation', path: 'record' }));
});

test('a record nested without end is refused, not a crash', () => {
  const deep = `{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

  expect(() => soleEntry(aKmsRecord(), deep)).toThrow('is nested deeper than 256 levels');
});

const NUMBERS = '{"size": 1.0,\t"counter":9007199254740993 , "big":1E400,"text":"a \\u0062 { [ \\"" }';
const withNumbers = () => JSON.stringify(aKmsRecord()).replace('{', `{ "additional": ${NUMBERS},\n `);

test('a record with whitespace in it is kept byte for byte beside its parts, which stay as they were', () => {
  const text = withNumbers();
  const entry = soleEntry(JSON.parse(text), text);

  expect(entry.json.raw).toBe(text);
  expect(entry.json.recordSha256).toBe(sha256(text));
  expect(entry.text).toContain(
    '"record":{"additional":{"size":1.0,"counter":9007199254740993,"big":1E400,"text":"a \\u0062 { [ \\""},"eventVersion"',
  );
});

test('a record whose whitespace is too much for an entry is kept without it, and says so', () => {
  const text = JSON.stringify(aKmsRecord()).replace('{', `{${' '.repeat(70_000)}`);
  const { json, text: entry } = soleEntry(JSON.parse(text), text);

  expect(json.raw).toBeUndefined();
  expect(json.cut).toEqual({ recordBytes: text.length, recordSha256: sha256(text), fields: [] });
  expect(entry).toContain(`"record":${JSON.stringify(aKmsRecord())}}`);
});

test('what is left of a record that is cut stays as it was', () => {
  const text = withNumbers().replace('{', `{"policy":"${'x'.repeat(70_000)}",`);
  const { json, text: entry } = soleEntry(JSON.parse(text), text);

  expect(json.cut).toEqual({ recordBytes: text.length, recordSha256: sha256(text), fields: ['policy'] });
  expect(entry).toContain('"size":1.0,"counter":9007199254740993,"big":1E400');
});

test('what a customer is shown of a ReEncrypt stays as it was, and no hash lets them try the other context', () => {
  const text = JSON.stringify(aReEncrypt()).replace('{', '{"vpcEndpointId": 1.0,"tlsDetails":9007199254740993,');
  const entries = entriesOf(JSON.parse(text), text).map(({ bytes }) => Buffer.from(bytes).toString());

  expect(entries).toHaveLength(2);
  for (const entry of entries) {
    expect(entry).toMatch(/"tlsDetails":9007199254740993/);
    expect(entry).toContain('"vpcEndpointId":1.0');
    expect(entry).not.toContain('Sha256');
  }
});

test('a call of ours says which function made it, what for, and as which request', () => {
  const record = aKmsRecord();
  const own = { component: 'probe-keys', purpose: 'look whether a key works', requestId: 'request-1' };
  const use = keyUseOf(record);
  const received = { text: JSON.stringify(record), isCompact: true, provenance: PROVENANCE };
  const [concern] = attribute(use, index);

  expect(
    concern && JSON.parse(Buffer.from(entryOfRecord(record, use, concern, received, own).bytes).toString()),
  ).toMatchObject({ own });
});

test('a fact becomes an entry by its own id', () => {
  const at = '2026-11-01T08:15:30.000Z';
  const { bytes } = entryOfFact('acme', { factId: 'fact-1', detailType: 'key-rotated.v1', detail: { at } });

  expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({
    v: 2,
    eventId: 'fact-1',
    customerId: 'acme',
    at,
    kind: 'fact',
    operation: 'key-rotated.v1',
    fact: { at },
  });
});
