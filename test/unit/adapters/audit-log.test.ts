/** The audit log on what it runs on: DynamoDB (dynoxide), and S3 and KMS of local AWS, through the SDK. */
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { verifyLog } from 'keywright-verify/log';
import { readVerifierKey } from 'keywright-verify/note';
import { CONTROL_TABLE } from '../../../shared/adapters/control-table';
import { dynamoAuditSequence } from '../../../shared/adapters/dynamo-audit-sequence';
import { kmsCheckpointSigner } from '../../../shared/adapters/kms-checkpoint-signer';
import { s3AuditObjects } from '../../../shared/adapters/s3-audit-objects';
import { appendAudit } from '../../../shared/domain/audit/append-audit';
import { originOf } from '../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { hasCode } from '../../../shared/domain/errors';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { localClients } from '../../support/local-clients';
import { NOW } from '../../support/make';
import { entriesFor, memoryAuditPorts } from '../../support/memory-audit';
import { readEntries } from '../../support/read-entries';

let dynamo: TestDynamo;
let clients: Awaited<ReturnType<typeof localClients>>;
beforeAll(async () => {
  dynamo = await startDynoxide();
  clients = await localClients();
});
afterAll(async () => {
  await dynamo.stop();
  await clients.stop();
});

async function realPorts() {
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'audit' }));
  const key = await clients.kms.send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' }),
  );
  return {
    sequence: dynamoAuditSequence(dynamo.documents, await dynamo.createTable(CONTROL_TABLE)),
    objects: s3AuditObjects(clients.s3, 'audit'),
    signer: kmsCheckpointSigner(clients.kms, key.KeyMetadata?.Arn ?? ''),
    clock: { now: () => NOW },
    customers: memoryAuditPorts().customers,
    control: memoryAuditPorts().control,
  };
}

test('three writers who get overlapping batches leave one entry an event in a log that verifies', async () => {
  const ports = await realPorts();
  const events = Array.from({ length: 120 }, (_, at) => `event-${at}`);
  const batches = Array.from({ length: 12 }, (_, at) => events.slice(at * 10, at * 10 + 14));

  const deliver = async (ids: readonly string[]): Promise<void> => {
    try {
      await appendAudit(entriesFor('acme', ids), ports);
    } catch (error) {
      if (!hasCode(error, 'state.changed-meanwhile')) throw error;
      await deliver(ids);
    }
  };
  const writer = async (number: number) => {
    for (const [at, ids] of batches.entries()) if (at % 3 === number) await deliver(ids);
  };
  await Promise.all([0, 1, 2].map(writer));

  const key = readVerifierKey(verifierKey(originOf('acme'), await ports.signer.publicKey()));
  const reader = { read: async (path: string) => (await ports.objects.read('acme', path))?.bytes };
  const report = await verifyLog(reader, key);
  const found: string[] = [];
  for await (const entry of readEntries(reader, report.size ?? 0)) {
    found.push(JSON.parse(Buffer.from(entry).toString()).eventId);
  }
  expect(report.findings).toEqual([]);
  expect(found.sort()).toEqual([...events].sort());
  expect(clients.bugs).toEqual([]);
}, 60_000);
