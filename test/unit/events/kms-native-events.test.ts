import { kmsKeyDeleted, kmsKeyMaterialExpired, kmsKeyRotatedNatively } from '../../../events/kms-native-events';
import { ACCOUNT, KEY, MATERIAL } from '../../support/cloudtrail-records';

function aNativeEvent(detailType: string, detail: unknown, resources: unknown = [KEY]) {
  return {
    version: '0',
    id: '11111111-2222-4333-8444-555555555555',
    'detail-type': detailType,
    source: 'aws.kms',
    account: ACCOUNT,
    time: '2026-11-01T08:15:30Z',
    region: 'eu-central-1',
    resources,
    detail,
  };
}

const KEY_ID = KEY.slice(KEY.indexOf('/') + 1);

test.each([
  [kmsKeyRotatedNatively, { 'key-id': KEY_ID }],
  [kmsKeyRotatedNatively, { 'key-id': KEY_ID, 'rotation-type': 'ON_DEMAND', 'current-key-material-id': MATERIAL }],
  [kmsKeyMaterialExpired, { 'key-id': KEY_ID, 'key-material-id': MATERIAL }],
  [kmsKeyDeleted, { 'key-id': KEY_ID, newer: true }],
])('a native event is read with its key and every field: %#', (contract, detail) => {
  const event = contract.read(aNativeEvent(contract.detailType, detail));

  expect(event).toMatchObject({ kmsKeyArn: KEY, accountId: ACCOUNT, detail });
});

test.each([
  ['event.resources.0', aNativeEvent('KMS CMK Deletion', { 'key-id': KEY_ID }, [])],
  ['event.detail.key-id', aNativeEvent('KMS CMK Deletion', {})],
  ['event.detail-type', aNativeEvent('KMS CMK Rotation', { 'key-id': KEY_ID })],
])('a native event is refused by the path of its fault: %s', (path, event) => {
  expect(() => kmsKeyDeleted.read(event)).toThrow(expect.objectContaining({ path }));
});

test('what a native contract builds carries the key as its resource', () => {
  expect(kmsKeyDeleted.of(KEY, { 'key-id': KEY_ID })).toEqual({
    source: 'aws.kms',
    'detail-type': 'KMS CMK Deletion',
    resources: [KEY],
    detail: { 'key-id': KEY_ID },
  });
});
