import fc from 'fast-check';
import { envelopeSchema, readEnvelope } from '../../../events/cloudtrail-envelope';
import { kmsRecordSchema, readKmsRecord } from '../../../events/cloudtrail-kms-record';
import { aKmsRecord, anEnvelope, aReEncrypt, aServiceEvent, type Fields } from '../../support/cloudtrail-records';

/** Values that a field may wrongly, or rightly, hold. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 'text', 'x'.repeat(257), 0, 7, true, [], {}, { a: 'b' }, { a: 1 }),
  fc.constantFrom<unknown>('1.02', '1.11', '2.0', '1', '2026-11-01T08:15:30Z', '2026-13-01T08:15:30Z', '111122223333'),
  fc.constantFrom<unknown>([{}], [null], [{ ARN: 'x' }], [{ ARN: 1 }], ['x'], { fields: {} }),
);

/** A sound value with up to three of its fields, at any depth, replaced. */
function spoiled(sound: readonly Fields[]): fc.Arbitrary<unknown> {
  const paths = [...new Set(sound.flatMap((value) => pathsOf(value)))];
  const changes = fc.array(fc.tuple(fc.constantFrom(...paths), anything), { maxLength: 3 });
  return fc.tuple(fc.constantFrom(...sound), changes).map(([value, list]) => {
    const copy = structuredClone(value);
    for (const [path, replacement] of list) put(copy, path.split('.'), replacement);
    return copy;
  });
}

function pathsOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, below]) => [`${prefix}${name}`, ...pathsOf(below, `${prefix}${name}.`)]);
}

function put(target: unknown, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (typeof target !== 'object' || target === null) return;
  const holder = target as Record<string, unknown>;
  if (rest.length === 0) holder[name] = value;
  else put(holder[name], rest, value);
}

function refuses(read: (value: unknown) => unknown, value: unknown): boolean {
  try {
    read(value);
    return false;
  } catch {
    return true;
  }
}

const records = [
  aKmsRecord({ sharedEventID: 'shared', errorCode: 'DisabledException', errorMessage: 'is disabled' }),
  aReEncrypt(),
  aServiceEvent(),
  aKmsRecord({
    eventName: 'CreateGrant',
    requestParameters: { keyId: 'k', grantId: 'g', policy: 'p', constraints: { encryptionContextEquals: { a: 'b' } } },
    responseElements: { keyId: 'k', keyMaterialId: 'm', keyMetadata: { arn: 'a' } },
  }),
];

test('the reader of KMS records refuses exactly what the zod contract refuses', () => {
  fc.assert(
    fc.property(spoiled(records), (value) => {
      const isKms = (value as Fields)['eventSource'] === 'kms.amazonaws.com';
      expect(refuses(readKmsRecord, value)).toBe(!isKms || !kmsRecordSchema.safeParse(value).success);
    }),
    { numRuns: 3000 },
  );
});

test('the reader of events refuses exactly what the zod contract refuses', () => {
  fc.assert(
    fc.property(spoiled([anEnvelope(aKmsRecord())]), (value) => {
      expect(refuses(readEnvelope, value)).toBe(!envelopeSchema.safeParse(value).success);
    }),
    { numRuns: 1000 },
  );
});

test.each([undefined, null, 'text', 7, true, []])('%p is no record for either reader', (value) => {
  expect(refuses(readKmsRecord, value)).toBe(true);
  expect(kmsRecordSchema.safeParse(value).success).toBe(false);
});
