import { base64, localKms, newKey } from '../support/local-kms';

test('only a successful cryptographic operation counts as the last use of a key', async () => {
  const kms = localKms();
  const { keyId, arn } = await newKey(kms.admin);
  const lastUse = async () => (await kms.admin.call('GetKeyLastUsage', { KeyId: keyId }))['KeyLastUsage'];

  await kms.admin.call('DescribeKey', { KeyId: keyId });
  await kms.admin.failure('Encrypt', { KeyId: keyId, Plaintext: base64('x'), DryRun: true });
  expect(await lastUse()).toBeUndefined();

  const { CiphertextBlob } = await kms.admin.call('Encrypt', { KeyId: keyId, Plaintext: base64('x') });
  expect(await lastUse()).toMatchObject({ Operation: 'Encrypt' });
  kms.pass(5000);
  await kms.admin.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: arn });
  expect(await lastUse()).toMatchObject({ Operation: 'ReEncrypt', Timestamp: kms.world.clock.now() / 1000 });
});
