import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { kmsAliases } from '../../../shared/adapters/kms-aliases';
import { aliasesContract } from '../../contract/aliases';
import { localClients } from '../../support/local-clients';
import { anArn } from '../../support/make';
import { memoryAliases } from '../../support/memory-aliases';

describe('in memory', () => {
  aliasesContract(async () => {
    const arns: Record<string, string> = {};
    return {
      aliases: memoryAliases(arns),
      given: async (alias) => {
        arns[alias] = anArn(alias.replace('alias/', ''));
        return arns[alias];
      },
    };
  });
});

describe('on local KMS, through the SDK', () => {
  let clients: Awaited<ReturnType<typeof localClients>>;
  beforeEach(async () => {
    clients = await localClients();
  });
  afterEach(() => clients.stop());

  aliasesContract(async () => ({
    aliases: kmsAliases(clients.kms),
    given: async (alias) => {
      const { KeyMetadata: { KeyId, Arn } = { KeyId: '' } } = await clients.kms.send(new CreateKeyCommand({}));
      await clients.kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyId }));
      return Arn ?? '';
    },
  }));
});

test('a KMS that does not answer is an error that may pass, not an alias that names nothing', async () => {
  const nowhere = new KMSClient({
    region: 'eu-central-1',
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });

  await expect(kmsAliases(nowhere).keyOf('alias/one')).rejects.toMatchObject({ code: 'kms.unreachable', retry: true });
});
