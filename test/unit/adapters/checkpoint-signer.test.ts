import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { signerOf } from '../../../cli/replay/signing-key';
import { kmsCheckpointSigner } from '../../../shared/adapters/kms-checkpoint-signer';
import { localCheckpointSigner, newSigningKeyPem } from '../../../shared/adapters/local-checkpoint-signer';
import type { CheckpointSigner } from '../../../shared/domain/audit/log/ports';
import { checkpointSignerContract } from '../../contract/checkpoint-signer';
import { localClients } from '../../support/local-clients';
import { anArn } from '../../support/make';
import { aSigner } from '../../support/memory-audit';

const folder = mkdtempSync(join(tmpdir(), 'signer-'));
afterAll(() => rmSync(folder, { recursive: true }));

let clients: Awaited<ReturnType<typeof localClients>>;
beforeAll(async () => {
  clients = await localClients();
});
afterAll(() => clients.stop());

async function kmsSigner(keySpec: 'ECC_NIST_EDWARDS25519' | 'ECC_NIST_P256'): Promise<CheckpointSigner> {
  const created = await clients.kms.send(new CreateKeyCommand({ KeySpec: keySpec, KeyUsage: 'SIGN_VERIFY' }));
  return kmsCheckpointSigner(clients.kms, created.KeyMetadata?.Arn ?? '');
}

const SIGNERS: readonly (readonly [string, () => Promise<CheckpointSigner>])[] = [
  ['a key of this machine', async () => localCheckpointSigner(newSigningKeyPem())],
  ['a key in a file that is made for it', async () => signerOf(join(folder, 'keys', 'signing-key.pem'))],
  ['a key that tests always have', async () => aSigner()],
  ['a key in local KMS, through the SDK', () => kmsSigner('ECC_NIST_EDWARDS25519')],
];

describe.each(SIGNERS)('%s', (_what, open) => checkpointSignerContract(open));

test('a key in KMS of another kind is refused before anything is signed with it', async () => {
  const signer = await kmsSigner('ECC_NIST_P256');

  await expect(signer.publicKey()).rejects.toMatchObject({ code: 'kms.unsupported' });
});

test.each(['', 'no key', newSigningKeyPem().replace(/^[A-Za-z0-9+/=]+$/m, 'AAAA')])(
  'what is no Ed25519 key is refused without quoting it',
  (pem) => {
    expect(() => localCheckpointSigner(pem)).toThrow('The signing key must be an Ed25519 private key, PKCS #8 in PEM.');
  },
);

test('what KMS refuses is told in our words', async () => {
  const client = new KMSClient({});
  const mock = mockClient(client);
  mock.onAnyCommand().rejects(new Error('not stubbed'));
  mock.on(SignCommand).rejects(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));

  const signed = kmsCheckpointSigner(client, anArn()).sign(Buffer.from('message'));

  await expect(signed).rejects.toMatchObject({ code: 'kms.throttled', retry: true });
});
