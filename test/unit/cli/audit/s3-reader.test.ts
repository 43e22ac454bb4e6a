/** A log in S3, read through the SDK from local AWS. */
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { verifyLog } from 'keywright-verify/log';
import { readVerifierKey } from 'keywright-verify/note';
import { s3Reader } from '../../../../cli/audit/s3-reader';
import { s3AuditObjects } from '../../../../shared/adapters/s3-audit-objects';
import { appendAudit } from '../../../../shared/domain/audit/append-audit';
import { originOf } from '../../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { localClients } from '../../../support/local-clients';
import { aSigner, entriesFor, memoryAuditPorts } from '../../../support/memory-audit';

const BUCKET = 'audit';
let clients: Awaited<ReturnType<typeof localClients>>;
beforeAll(async () => {
  clients = await localClients();
  await clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const ports = { ...memoryAuditPorts(), objects: s3AuditObjects(clients.s3, BUCKET) };
  await appendAudit(entriesFor('a/b', ['one', 'two', 'three']), ports);
});
afterAll(() => clients.stop());

const keyOf = async (customerId: string) =>
  readVerifierKey(verifierKey(originOf(customerId), await aSigner().publicKey()));

test.each(['s3://audit/a%2Fb', 's3://audit/a%2Fb/'])('the log at %s is verified', async (place) => {
  const report = await verifyLog(s3Reader(place, clients.s3), await keyOf('a/b'));

  expect(report).toMatchObject({ ok: true, size: 3 });
});

test('a file that is not there is missing, and one that is too large is refused unread', async () => {
  await clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'large', Body: Buffer.alloc(100) }));
  const reader = s3Reader('s3://audit', clients.s3);

  expect(await reader.read('nothing', 10)).toBeUndefined();
  expect(await reader.read('large', 100)).toHaveLength(100);
  await expect(reader.read('large', 99)).rejects.toMatchObject({ code: 'file-refused' });
});

test('a file whose length S3 does not tell is read as far as it may reach', async () => {
  const Body = { transformToWebStream: () => new Blob([Buffer.alloc(60), Buffer.alloc(40)]).stream() };
  const reader = s3Reader('s3://audit', { send: async () => ({ Body }) } as never);

  expect(await reader.read('long', 100)).toHaveLength(100);
  await expect(reader.read('long', 99)).rejects.toMatchObject({ code: 'file-refused' });
});

test('what S3 refuses is told with what it takes, and is no missing file', async () => {
  const reader = s3Reader('s3://no-such-bucket/acme', clients.s3);

  await expect(reader.read('checkpoint', 10)).rejects.toThrow(
    /s3:\/\/no-such-bucket\/acme\/checkpoint \(NoSuchBucket: .*s3:GetObject/,
  );
  expect(() => s3Reader('s3:///acme')).toThrow('must read s3://bucket/prefix');
});
