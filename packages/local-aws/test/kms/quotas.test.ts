import type { JsonObject } from '../../call';
import { ACCOUNT, base64, type KmsClient, localKms, newKey, OTHER_ACCOUNT } from '../support/local-kms';
import { administratorOf } from '../support/local-world';

const rateExceeded = { code: 'ThrottlingException', message: 'Rate exceeded', status: 400 };

/** How many of a burst of calls succeed. */
async function succeeded(client: KmsClient, operation: string, input: JsonObject, times: number): Promise<number> {
  let count = 0;
  for (let call = 0; call < times; call += 1) {
    await client.call(operation, input).then(
      () => (count += 1),
      (error) => expect(error).toMatchObject(rateExceeded),
    );
  }
  return count;
}

test("an account has AWS's number of requests a second, and the next second as many again", async () => {
  const kms = localKms({ quotas: {} });

  expect(await succeeded(kms.admin, 'CreateKey', {}, 8)).toBe(5);
  kms.pass(1000);
  expect(await succeeded(kms.admin, 'CreateKey', {}, 8)).toBe(5);
});

test('symmetric cryptography shares one quota, HMAC and random bytes included', async () => {
  const kms = localKms({ quotas: { perSecond: { SymmetricCryptography: 3 } } });
  const { keyId } = await newKey(kms.admin);
  const mac = await newKey(kms.admin, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });

  const { CiphertextBlob } = await kms.admin.call('Encrypt', { KeyId: keyId, Plaintext: base64('x') });
  await kms.admin.call('GenerateRandom', { NumberOfBytes: 1 });
  await kms.admin.call('GenerateMac', { KeyId: mac.keyId, Message: base64('x'), MacAlgorithm: 'HMAC_SHA_256' });

  expect(await kms.admin.failure('Decrypt', { CiphertextBlob })).toMatchObject(rateExceeded);
  await kms.admin.call('DescribeKey', { KeyId: keyId });
});

test('asymmetric cryptography has quotas of its own', async () => {
  const kms = localKms({ quotas: { perSecond: { EccCryptography: 1 } } });
  const elliptic = await newKey(kms.admin, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const input = { KeyId: elliptic.keyId, Message: base64('x'), SigningAlgorithm: 'ECDSA_SHA_256' };

  expect(await succeeded(kms.admin, 'Sign', input, 3)).toBe(1);
  await kms.admin.call('GenerateRandom', { NumberOfBytes: 1 });
});

test("the caller's account pays, not the key's, and each Region by itself", async () => {
  const kms = localKms({ quotas: { perSecond: { SymmetricCryptography: 1 } } });
  const everybody = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };
  const { arn } = await newKey(kms.admin, { Policy: JSON.stringify({ Statement: everybody }) });
  const input = { KeyId: arn, Plaintext: base64('x') };

  expect(await succeeded(kms.as(administratorOf(OTHER_ACCOUNT)), 'Encrypt', input, 2)).toBe(1);
  expect(await succeeded(kms.admin, 'Encrypt', input, 2)).toBe(1);
  const elsewhere = kms.as(administratorOf(ACCOUNT), 'us-east-1');
  expect(await succeeded(elsewhere, 'GenerateRandom', { NumberOfBytes: 1 }, 2)).toBe(1);
});

test('a multiplier scales every quota', async () => {
  const kms = localKms({ quotas: { multiplier: 0.4 } });

  expect(await succeeded(kms.admin, 'CreateKey', {}, 8)).toBe(2);
});
