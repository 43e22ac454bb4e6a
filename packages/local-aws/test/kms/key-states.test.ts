/** What each key state allows, called for real. The expectations are AWS's table, written down a second time. */
import type { JsonObject } from '../../call';
import { importInput } from '../support/kms-import';
import {
  ACCOUNT,
  base64,
  DAY_MS,
  describe as describeKey,
  type KmsClient,
  localKms,
  newKey,
} from '../support/local-kms';
import { administratorOf } from '../support/local-world';

const MESSAGE = base64('message');
const disabled = ['DisabledException', 'is disabled.'] as const;
const pendingDeletion = ['KMSInvalidStateException', 'is pending deletion.'] as const;
const notPendingDeletion = ['KMSInvalidStateException', 'is not pending deletion.'] as const;
const pendingImport = ['KMSInvalidStateException', 'is pending import.'] as const;
const external = [
  'UnsupportedOperationException',
  'origin is EXTERNAL which is not valid for this operation.',
] as const;
const creating = ['KMSInvalidStateException', 'is creating.'] as const;

type Verdict = 'ok' | readonly [string, string];
type State = 'Disabled' | 'PendingDeletion' | 'PendingImport' | 'Creating';
const STATES: readonly State[] = ['Disabled', 'PendingDeletion', 'PendingImport', 'Creating'];

/** One verdict for each of STATES. */
type Row = readonly [Verdict, Verdict, Verdict, Verdict];

const use: Row = [disabled, pendingDeletion, pendingImport, creating];
const look: Row = ['ok', 'ok', 'ok', 'ok'];
const label: Row = ['ok', pendingDeletion, 'ok', 'ok'];
const rotation: Row = [disabled, pendingDeletion, external, creating];

/** Source: KMS developer guide, "Key states of KMS keys". */
const TABLE: readonly (readonly [operation: string, input: JsonObject, row: Row])[] = [
  ['Encrypt', { Plaintext: MESSAGE }, use],
  ['GenerateDataKey', { KeySpec: 'AES_256' }, use],
  ['GenerateDataKeyWithoutPlaintext', { KeySpec: 'AES_256' }, use],
  ['GenerateDataKeyPair', { KeyPairSpec: 'ECC_NIST_P256' }, use],
  ['CreateGrant', { GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/r`, Operations: ['Decrypt'] }, use],
  ['DescribeKey', {}, look],
  ['GetKeyPolicy', {}, look],
  ['ListGrants', {}, look],
  ['ListResourceTags', {}, look],
  ['ListKeyRotations', {}, look],
  ['EnableKey', {}, ['ok', pendingDeletion, pendingImport, creating]],
  ['DisableKey', {}, ['ok', pendingDeletion, pendingImport, creating]],
  ['ScheduleKeyDeletion', {}, ['ok', pendingDeletion, 'ok', 'ok']],
  ['CancelKeyDeletion', {}, [notPendingDeletion, 'ok', notPendingDeletion, notPendingDeletion]],
  ['EnableKeyRotation', {}, rotation],
  ['DisableKeyRotation', {}, rotation],
  ['RotateKeyOnDemand', {}, use],
  ['GetKeyRotationStatus', {}, ['ok', 'ok', external, 'ok']],
  ['TagResource', { Tags: [] }, label],
  ['UntagResource', { TagKeys: [] }, label],
  ['UpdateKeyDescription', { Description: '' }, label],
];

const cases = TABLE.flatMap(([operation, input, row]) =>
  STATES.map((state, index) => ({ operation, input, state, verdict: row[index] ?? 'ok' })),
);

test.each(cases)('$operation on a key that is $state: $verdict', async ({ operation, input, state, verdict }) => {
  const { client, keyId, arn } = await keyIn(state);

  const answer = await client.call(operation, { KeyId: keyId, ...input }).then(
    () => 'ok',
    (error) => [error.code, error.message],
  );

  expect(answer).toEqual(verdict === 'ok' ? 'ok' : [verdict[0], `${arn} ${verdict[1]}`]);
});

test('an alias can be pointed away from a key that awaits deletion, not to one', async () => {
  const { admin } = localKms();
  const [dying, living] = [await newKey(admin), await newKey(admin)];
  await admin.call('CreateAlias', { AliasName: 'alias/a', TargetKeyId: dying.keyId });
  await admin.call('ScheduleKeyDeletion', { KeyId: dying.keyId });

  await admin.call('UpdateAlias', { AliasName: 'alias/a', TargetKeyId: living.keyId });

  const back = await admin.failure('UpdateAlias', { AliasName: 'alias/a', TargetKeyId: dying.keyId });
  expect(back).toMatchObject({ code: 'KMSInvalidStateException', message: `${dying.arn} is pending deletion.` });
});

test('a key of AWS origin takes no imported material, whatever its state', async () => {
  const { client, arn } = await keyIn('PendingDeletion');

  const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
  const error = await client.failure('GetParametersForImport', { KeyId: arn, ...wrapping });

  expect(error).toMatchObject({
    code: 'UnsupportedOperationException',
    message: `${arn} origin is AWS_KMS which is not valid for this operation.`,
  });
});

test('losing one of several imported materials stops the whole key', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin, { Origin: 'EXTERNAL' });
  const first = await kms.admin.call('ImportKeyMaterial', await importInput(kms.admin, keyId));
  const second = await importInput(kms.admin, keyId, undefined, { ImportType: 'NEW_KEY_MATERIAL' });
  await kms.admin.call('ImportKeyMaterial', second);
  await kms.admin.call('RotateKeyOnDemand', { KeyId: keyId });
  kms.pass(60_000);

  await kms.admin.call('DeleteImportedKeyMaterial', { KeyId: keyId, KeyMaterialId: first['KeyMaterialId'] });

  expect(await describeKey(kms.admin, keyId)).toMatchObject({ KeyState: 'PendingImport', Enabled: false });
});

async function keyIn(state: State): Promise<{ client: KmsClient; keyId: string; arn: string }> {
  const kms = localKms({ delays: { replicationMs: DAY_MS } });
  if (state === 'Creating') return replicaBeingCreated(kms);
  const key = await newKey(kms.admin, { Origin: state === 'PendingImport' ? 'EXTERNAL' : 'AWS_KMS' });
  if (state === 'Disabled') await kms.admin.call('DisableKey', { KeyId: key.keyId });
  if (state === 'PendingDeletion') await kms.admin.call('ScheduleKeyDeletion', { KeyId: key.keyId });
  expect(await describeKey(kms.admin, key.keyId)).toMatchObject({ KeyState: state });
  return { client: kms.admin, ...key };
}

async function replicaBeingCreated(kms: ReturnType<typeof localKms>) {
  const { keyId } = await newKey(kms.admin, { MultiRegion: true });
  await kms.admin.call('ReplicateKey', { KeyId: keyId, ReplicaRegion: 'eu-west-1' });
  const client = kms.as(administratorOf(ACCOUNT), 'eu-west-1');
  return { client, keyId, arn: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/${keyId}` };
}
