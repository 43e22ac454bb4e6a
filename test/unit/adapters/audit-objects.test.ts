import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { s3AuditObjects } from '../../../shared/adapters/s3-audit-objects';
import { auditObjectsContract } from '../../contract/audit-objects';
import { localClients } from '../../support/local-clients';
import { memoryAuditObjects } from '../../support/memory-audit';

describe('in memory', () => {
  auditObjectsContract(async () => memoryAuditObjects());
});

describe('on local S3, through the SDK', () => {
  let clients: Awaited<ReturnType<typeof localClients>>;
  let buckets = 0;
  beforeAll(async () => {
    clients = await localClients();
  });
  afterAll(() => clients.stop());

  auditObjectsContract(async () => {
    const bucket = `audit-${buckets++}`;
    await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    return s3AuditObjects(clients.s3, bucket);
  });
});

describe('what S3 answers', () => {
  const client = new S3Client({});
  const mock = mockClient(client);
  const objects = s3AuditObjects(client, 'bucket');
  beforeEach(() => {
    mock.reset();
    mock.onAnyCommand().rejects(new Error('not stubbed'));
  });
  const failing = (name: string) => Object.assign(new Error(name), { name });

  test.each(['ConditionalRequestConflict', 'SlowDown', 'InternalError', 'AccessDenied'])(
    'a write that fails with %s is neither written nor refused: it is tried again',
    async (name) => {
      mock.on(PutObjectCommand).rejects(failing(name));

      await expect(objects.create('acme', 'tile/0/000', Buffer.from('x'))).rejects.toMatchObject({
        code: 'audit.not-written',
        retry: true,
      });
    },
  );

  test('a read that fails is not an absent file', async () => {
    mock.on(GetObjectCommand).rejects(failing('SlowDown'));

    await expect(objects.read('acme', 'checkpoint')).rejects.toMatchObject({ code: 'audit.not-written' });
  });

  test.each([
    ['..', '%2E./checkpoint'],
    ['a/b', 'a%2Fb/checkpoint'],
  ])('the log of %s lies in a folder of its own', async (customerId, Key) => {
    mock.on(PutObjectCommand).resolves({});

    await objects.create(customerId, 'checkpoint', Buffer.from('x'));

    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({ Key });
  });

  test('tiles may be cached for ever, checkpoints not at all', async () => {
    mock.on(PutObjectCommand).resolves({});
    await objects.create('acme', 'tile/0/000', Buffer.from('x'));
    await objects.create('acme', 'checkpoint', Buffer.from('x'));

    const cached = mock.commandCalls(PutObjectCommand).map((call) => call.args[0].input.CacheControl);
    expect(cached).toEqual(['public, max-age=31536000, immutable', 'no-store']);
  });
});
