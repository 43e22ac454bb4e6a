/** GenerateMac and VerifyMac against node:crypto's own. A key's HMAC takes no encryption context: neither operation has one. */
import { createHmac } from 'node:crypto';
import { base64, localKms, newKey } from '../support/local-kms';

const HMAC_256 = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
const SHA_256 = { Message: base64('incident-1'), MacAlgorithm: 'HMAC_SHA_256' };

async function made() {
  const { admin } = localKms();
  const { keyId } = await newKey(admin, HMAC_256);
  const asked = { KeyId: keyId, ...SHA_256 };
  return { admin, asked, Mac: String((await admin.call('GenerateMac', asked))['Mac']) };
}

test('the same message has the same MAC, of as many bytes as its hash, and it is verified', async () => {
  const { admin, asked, Mac } = await made();

  expect(await admin.call('GenerateMac', asked)).toMatchObject({ Mac, MacAlgorithm: 'HMAC_SHA_256' });
  expect(Buffer.from(Mac, 'base64')).toHaveLength(32);
  expect(await admin.call('VerifyMac', { ...asked, Mac })).toMatchObject({ MacValid: true });
});

test('the MAC of another key, of another message, cut or made with no key of KMS is refused', async () => {
  const { admin, asked, Mac } = await made();
  const { keyId: other } = await newKey(admin, HMAC_256);
  const wrong = [
    { ...asked, KeyId: other, Mac },
    { ...asked, Message: base64('incident-2'), Mac },
    { ...asked, Mac: Buffer.from(Mac, 'base64').subarray(1).toString('base64') },
    { ...asked, Mac: createHmac('sha256', '').update('incident-1').digest('base64') },
  ];

  for (const input of wrong)
    expect(await admin.failure('VerifyMac', input)).toMatchObject({ code: 'KMSInvalidMacException' });
});

test.each([
  ['no message', { Message: '' }, 'ValidationException'],
  ['more than 4096 bytes', { Message: base64('x'.repeat(4097)) }, 'ValidationException'],
  ['a longer hash than the key is for', { MacAlgorithm: 'HMAC_SHA_512' }, 'InvalidKeyUsageException'],
])('%s is refused', async (_title, change, code) => {
  const { admin, asked } = await made();

  expect(await admin.failure('GenerateMac', { ...asked, ...change })).toMatchObject({ code });
});

test('a key of another kind makes none', async () => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);

  expect(await admin.failure('GenerateMac', { KeyId: keyId, ...SHA_256 })).toMatchObject({
    code: 'InvalidKeyUsageException',
  });
});
