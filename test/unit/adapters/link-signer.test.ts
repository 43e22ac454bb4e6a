import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { kmsLinkSigner, kmsLinkVerifier } from '../../../shared/adapters/kms-link-signer';
import { linkSignerContract } from '../../contract/link-signer';
import { localClients } from '../../support/local-clients';
import { anArn } from '../../support/make';
import { memoryLinks } from '../../support/memory-pager';

let clients: Awaited<ReturnType<typeof localClients>>;
beforeAll(async () => {
  clients = await localClients();
});
afterAll(() => clients.stop());

async function linkKey(): Promise<string> {
  const key = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const;
  return (await clients.kms.send(new CreateKeyCommand(key))).KeyMetadata?.Arn ?? '';
}

describe('in memory', () => {
  linkSignerContract(async () => ({
    signer: memoryLinks(),
    verifier: memoryLinks(),
    other: memoryLinks('another key'),
  }));
});

describe('in local KMS, through the SDK', () => {
  linkSignerContract(async () => {
    const [arn, another] = [await linkKey(), await linkKey()];
    return {
      signer: kmsLinkSigner(clients.kms, arn),
      verifier: kmsLinkVerifier(clients.kms, arn),
      other: kmsLinkSigner(clients.kms, another),
    };
  });

  test('a key that cannot be used tells nothing: neither that a link is ours, nor that it is not', async () => {
    const arn = await linkKey();
    const mac = await kmsLinkSigner(clients.kms, arn).sign('text');
    await clients.kms.send(new ScheduleKeyDeletionCommand({ KeyId: arn }));

    const refused = { code: 'kms.key-pending-deletion' };
    await expect(kmsLinkVerifier(clients.kms, arn).isSigned('text', mac)).rejects.toMatchObject(refused);
    await expect(kmsLinkSigner(clients.kms, arn).sign('text')).rejects.toMatchObject(refused);
  });
});

test('a KMS that never answers is waited for no longer than said, repeats included', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const client = new KMSClient({
    endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  });
  const begunAt = performance.now();

  await expect(kmsLinkSigner(client, anArn(), 200).sign('text')).rejects.toMatchObject({ code: 'kms.unreachable' });

  expect(performance.now() - begunAt).toBeLessThan(1_500);
  client.destroy();
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});
