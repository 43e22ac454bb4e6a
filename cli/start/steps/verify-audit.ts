/** Every customer's audit stream, read as the customer would and verified with the log's public key alone. */
import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { verifiedEntries } from 'keywright-verify/entries';
import { verifyLog } from 'keywright-verify/log';
import { openCheckpoint, readVerifierKey } from 'keywright-verify/note';
import type { LogReader } from 'keywright-verify/reader';
import { s3AuditObjects } from '../../../shared/adapters/s3-audit-objects';
import { originOf } from '../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { CUSTOMERS } from '../customers';
import type { Scene, Step } from '../scene';

export const verifyAudit: Step = {
  title: 'Verify every customer’s audit stream with its public key alone',
  async run(scene) {
    const { aws, findings, say } = scene;
    // What happened to the keys up to here is on its way through rules, queues and functions.
    await aws.idle();
    for (const { customerId, name } of CUSTOMERS) {
      const { ok, entries: log } = await verifiedLog(customerId, scene);
      const entries = log.length;
      const foreign = log.some((entry) => namesAnother(customerId, entry));
      findings.report.audit.push({ customerId, entries, verified: ok });
      findings.check(`${name}’s audit stream is whole and signed`, ok && entries > 0);
      findings.check(`${name}’s audit stream names no other customer`, !foreign);
      say(`${name}: ${entries} entries, ${ok ? 'verified' : 'NOT VERIFIED'}`);
    }
    const entries = findings.report.audit.reduce((sum, stream) => sum + stream.entries, 0);
    return `${entries} entries in ${CUSTOMERS.length} streams`;
  },
};

/** Whether the customer's log is whole and signed, and its entries. */
export async function verifiedLog(
  customerId: string,
  scene: Scene,
): Promise<{ readonly ok: boolean; readonly entries: readonly string[] }> {
  const objects = s3AuditObjects(scene.s3, scene.outputs['AuditBucketName'] ?? '');
  const reader: LogReader = { read: async (path) => (await objects.read(customerId, path))?.bytes };
  const { PublicKey = new Uint8Array() } = await scene.kms.send(
    new GetPublicKeyCommand({ KeyId: scene.outputs['AuditSigningKeyArn'] }),
  );
  // The raw Ed25519 key is the last 32 bytes of what KMS gives. Source: RFC 8410.
  const key = readVerifierKey(verifierKey(originOf(customerId), PublicKey.subarray(-32)));
  const { ok, checkpoint } = await verifyLog(reader, key);
  const entries: string[] = [];
  if (checkpoint === undefined) return { ok: false, entries };
  for await (const { bytes } of verifiedEntries(reader, openCheckpoint(checkpoint, key)))
    entries.push(Buffer.from(bytes).toString());
  return { ok, entries };
}

const namesAnother = (customerId: string, entry: string): boolean =>
  CUSTOMERS.some((other) => other.customerId !== customerId && entry.includes(`"${other.customerId}"`));
