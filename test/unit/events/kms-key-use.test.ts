import { keyUseOf, ownerAccountOf } from '../../../events/kms-key-use';
import {
  ACCOUNT,
  aKmsRecord,
  aReEncrypt,
  aServiceEvent,
  KEY,
  MATERIAL,
  OTHER_ACCOUNT,
  OTHER_KEY,
} from '../../support/cloudtrail-records';

const keysOf = (record: Parameters<typeof keyUseOf>[0]) => keyUseOf(record).keys.map(({ kmsKeyArn }) => kmsKeyArn);

test('a call that worked is told with its key, context and material', () => {
  expect(keyUseOf(aKmsRecord())).toEqual({
    eventId: '00000000-0000-4000-8000-000000000001',
    at: '2026-11-01T08:15:30.000Z',
    operation: 'Decrypt',
    kind: 'crypto-use',
    outcome: 'ok',
    keys: [{ kmsKeyArn: KEY, encryptionContext: { tenant: 'acme' }, keyMaterialId: MATERIAL }],
    callerAccountId: ACCOUNT,
    callerRole: 'orders',
    callerName: 'role orders',
    recipientAccountId: ACCOUNT,
  });
});

test.each([
  [`arn:aws:sts::${ACCOUNT}:assumed-role/orders/session`, 'orders'],
  [`arn:aws-us-gov:sts::${ACCOUNT}:assumed-role/orders/who@example.org`, 'orders'],
  [`arn:aws:iam::${ACCOUNT}:user/:assumed-role/orders/mallory`, undefined],
  [`arn:aws:sts::${ACCOUNT}:federated-user/:assumed-role/orders/mallory`, undefined],
  [`arn:aws:sts::${ACCOUNT}:assumed-role/orders`, undefined],
  [`arn:aws:iam::${ACCOUNT}:role/orders`, undefined],
])('of %s the role is %s', (arn, callerRole) => {
  expect(keyUseOf(aKmsRecord({ userIdentity: { type: 'AssumedRole', arn } })).callerRole).toBe(callerRole);
});

test('a successful dry run is no failure, though AWS writes it as an error', () => {
  const use = keyUseOf(aKmsRecord({ errorCode: 'DryRunOperationException' }));

  expect(use.outcome).toBe('dry-run-ok');
  expect(use.errorCode).toBeUndefined();
});

test.each(['AccessDenied', 'AccessDeniedException', 'DisabledException'])('%s is a failure', (errorCode) => {
  expect(keyUseOf(aKmsRecord({ errorCode }))).toMatchObject({ outcome: 'failed', errorCode });
});

test('ReEncrypt touches the source first, each key with its own context and material', () => {
  expect(keyUseOf(aReEncrypt()).keys).toEqual([
    { side: 'source', kmsKeyArn: KEY, encryptionContext: { tenant: 'acme' }, keyMaterialId: MATERIAL },
    {
      side: 'destination',
      kmsKeyArn: OTHER_KEY,
      encryptionContext: { tenant: 'globex' },
      keyMaterialId: 'b'.repeat(64),
    },
  ]);
});

test('a ReEncrypt that lists one key gives it a context only where the request says which side it is on', () => {
  const onlyOther = { resources: [{ ARN: OTHER_KEY }] };

  expect(keyUseOf(aReEncrypt(onlyOther)).keys).toEqual([
    expect.objectContaining({ side: 'source', encryptionContext: { tenant: 'acme' }, kmsKeyArn: undefined }),
    expect.objectContaining({ side: 'destination', encryptionContext: { tenant: 'globex' }, kmsKeyArn: OTHER_KEY }),
  ]);
  const unplaced = aReEncrypt({ ...onlyOther, requestParameters: { sourceEncryptionContext: { tenant: 'acme' } } });
  expect(keyUseOf(unplaced).keys[0]).toEqual({ kmsKeyArn: OTHER_KEY });
});

test('what the caller wrote is no proof of which key it was', () => {
  const spelled = { keyId: OTHER_KEY };

  expect(keysOf(aKmsRecord({ requestParameters: spelled }))).toEqual([KEY]);
  expect(keysOf(aKmsRecord({ requestParameters: spelled, resources: undefined }))).toEqual([]);
});

test('an alias among the resources is not a key', () => {
  const alias = { ARN: `arn:aws:kms:eu-central-1:${ACCOUNT}:alias/orders`, type: 'AWS::KMS::Key' };

  expect(keysOf(aKmsRecord({ eventName: 'UpdateAlias', resources: [alias, { ARN: KEY }] }))).toEqual([KEY]);
});

test.each([
  ['the answer', { responseElements: { keyId: KEY } }],
  ['the answer by its id', { responseElements: { keyId: KEY.slice(KEY.indexOf('/') + 1) } }],
  ['the metadata of a new key', { responseElements: { keyMetadata: { arn: KEY } } }],
  ['the details of a service event', { serviceEventDetails: { keyId: KEY.slice(KEY.indexOf('/') + 1) } }],
  [
    'the refusal',
    {
      errorCode: 'AccessDenied',
      errorMessage: `User: x is not authorized to perform: kms:Decrypt on resource: ${KEY} because`,
    },
  ],
  ['the refusal of a disabled key', { errorCode: 'DisabledException', errorMessage: `${KEY} is disabled.` }],
])('without resources the key is found in %s', (_, fields) => {
  expect(keysOf(aKmsRecord({ resources: null, requestParameters: {}, ...fields }))).toEqual([KEY]);
});

test('keys of other partitions are named in full', () => {
  const record = aServiceEvent({ awsRegion: 'cn-north-1', resources: null, serviceEventDetails: { keyId: 'abcd' } });

  expect(keysOf(record)).toEqual([`arn:aws-cn:kms:cn-north-1:${ACCOUNT}:key/abcd`]);
});

test('a record that names no key keeps its context, which may tell whose it was', () => {
  expect(keyUseOf(aKmsRecord({ resources: [] })).keys).toEqual([
    expect.objectContaining({ encryptionContext: { tenant: 'acme' } }),
  ]);
});

test('a record without key and context touches nothing', () => {
  expect(keyUseOf(aKmsRecord({ eventName: 'ListKeys', resources: undefined, requestParameters: null })).keys).toEqual(
    [],
  );
});

test('a grant bound to a context carries that context', () => {
  const constraints = { encryptionContextSubset: { tenant: 'globex' } };
  const record = aKmsRecord({ eventName: 'CreateGrant', readOnly: false, requestParameters: { constraints } });

  expect(keyUseOf(record)).toMatchObject({
    kind: 'key-management',
    keys: [{ encryptionContext: { tenant: 'globex' } }],
  });
});

test('a rotation names the new key material', () => {
  expect(keyUseOf(aServiceEvent())).toMatchObject({ kind: 'service-event', keys: [{ keyMaterialId: MATERIAL }] });
});

test('network activity names no key and is not the copy of the call it carried', () => {
  const call = keyUseOf(aKmsRecord({ sharedEventID: 's' }));
  const network = keyUseOf(
    aKmsRecord({ sharedEventID: 's', eventType: 'AwsVpceEvent', eventCategory: 'NetworkActivity' }),
  );

  expect(network.keys).toEqual([]);
  expect(network.sharedEventId).not.toBe(call.sharedEventId);
});

test.each([
  ['2026-11-01T08:15:30Z', '2026-11-01T08:15:30.000Z'],
  ['2026-11-01T08:15:30.5Z', '2026-11-01T08:15:30.500Z'],
  ['2026-11-01T08:15:30.123456Z', '2026-11-01T08:15:30.123Z'],
])('the time %s is told as %s', (eventTime, at) => {
  expect(keyUseOf(aKmsRecord({ eventTime })).at).toBe(at);
});

test('the owner of a key is in its ARN', () => {
  expect(ownerAccountOf(OTHER_KEY)).toBe(OTHER_ACCOUNT);
});
