import * as kms from '@aws-sdk/client-kms';
import { KMS_OPERATIONS, kmsOperation, operationsOf } from '../../../events/kms-operations';

test('every operation of the KMS API has its row', () => {
  const operations = Object.keys(kms)
    .filter((name) => /^[A-Z]\w+Command$/.test(name))
    .map((name) => name.replace(/Command$/, ''));

  expect(operations.length).toBeGreaterThan(50);
  expect(operations.filter((name) => !Object.hasOwn(KMS_OPERATIONS, name))).toEqual([]);
});

test('what changes nothing is read-only, and nothing else is', () => {
  for (const { kind, readOnly } of Object.values(KMS_OPERATIONS)) {
    expect(readOnly).toBe(kind === 'crypto-use' || kind === 'read');
  }
});

test('ReEncrypt names a context and a material for each of its two keys, the source first', () => {
  expect(kmsOperation('ReEncrypt', true)).toEqual({
    kind: 'crypto-use',
    readOnly: true,
    contexts: ['sourceEncryptionContext', 'destinationEncryptionContext'],
    materials: ['sourceKeyMaterialId', 'destinationKeyMaterialId'],
  });
});

test.each([
  [true, 'read'],
  [false, 'key-management'],
  [undefined, 'key-management'],
] as const)('an operation that is not known is of the kind that readOnly %p says', (readOnly, kind) => {
  expect(kmsOperation('constructor', readOnly).kind).toBe(kind);
});

test('operations are found by kind', () => {
  expect(operationsOf('service-event')).toEqual([
    'DeleteExpiredKeyMaterial',
    'DeleteKey',
    'RotateKey',
    'SynchronizeMultiRegionKey',
  ]);
});
