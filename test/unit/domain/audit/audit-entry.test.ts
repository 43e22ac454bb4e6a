import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { KmsRecord } from '../../../../events/cloudtrail-kms-record';
import { keyUseOf } from '../../../../events/kms-key-use';
import { ENTRY_BYTES_MAX, entryOfFact, entryOfRecord, namesOfEntry } from '../../../../shared/domain/audit/audit-entry';
import { attribute } from '../../../../shared/domain/audit/whose-record';
import { customerIndex } from '../../../../shared/domain/customers/customer-index';
import { aKmsRecord, anEventId, aReEncrypt, KEY, OTHER_KEY } from '../../../support/cloudtrail-records';

const none = { accounts: [], encryptionContext: {} };
const index = customerIndex([
  { customerId: 'acme', kmsKeys: [KEY], ...none },
  { customerId: 'globex', kmsKeys: [OTHER_KEY], ...none },
]);

function entriesOf(record: KmsRecord, text?: string) {
  const use = keyUseOf(record);
  const received = text === undefined ? undefined : { text, utf8: Buffer.from(text) };
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
    v: 1,
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
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const record = { ...aKmsRecord(), deep } as KmsRecord;

  expect(() => soleEntry(record)).toThrow('is nested too deeply');
});

test('a fact becomes an entry by its own id', () => {
  const at = '2026-11-01T08:15:30.000Z';
  const { bytes } = entryOfFact('acme', { factId: 'fact-1', detailType: 'key-rotated.v1', detail: { at } });

  expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({
    v: 1,
    eventId: 'fact-1',
    customerId: 'acme',
    at,
    kind: 'fact',
    operation: 'key-rotated.v1',
    fact: { at },
  });
});
