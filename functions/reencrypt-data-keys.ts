/**
 * reencrypt-data-keys
 *
 * Trigger: `key-rotated.v1` begins a job, `reencryption-batch-due.v1` works its next batch,
 * `key-availability-changed.v1` resumes what a missing key had parked. Publishes: `reencryption-batch-due.v1`,
 * `data-keys-reencrypted.v1`, through the outbox.
 * Permissions: kms:ReEncryptFrom and kms:ReEncryptTo under our context, sts:AssumeRole for customers' roles; reads and
 * writes both tables, reads what applications report.
 * Repeats: safe, a batch that was worked is left alone. Fails: retried while it may pass; a key that cannot be used parks
 * the job with the reason; a data key that cannot be re-encrypted is quarantined and counted.
 */
import { keyAvailabilityChanged } from '../events/key-availability-changed';
import { keyRotated } from '../events/key-rotated';
import { reencryptionBatchDue } from '../events/reencryption-batch-due';
import { serves } from '../shared/domain/availability/key-availability';
import { resumeJobs } from '../shared/domain/reencryption/jobs/resume-job';
import { reencryptBatch } from '../shared/domain/reencryption/reencrypt-data-keys';
import { startReencryption } from '../shared/domain/reencryption/start-reencryption';
import { controlPorts, dataKeyPorts, kmsPorts, parkPort, rateLimiterPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'dataKeyTableName', 'reportTableName', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('reencrypt-data-keys'),
  ...controlPorts(config),
  ...dataKeyPorts(config),
  ...kmsPorts(),
  ...rateLimiterPort(config),
  ...parkPort(config),
};

export const handler = onQueue(
  [
    onFact(keyRotated, (rotated) => startReencryption(rotated, ports), ports),
    onFact(reencryptionBatchDue, (due) => reencryptBatch(due, ports), ports),
    onFact(
      keyAvailabilityChanged,
      async ({ kmsKeyArn, to }) => {
        if (serves(to)) await resumeJobs(kmsKeyArn, ports);
      },
      ports,
    ),
  ],
  ports,
);
