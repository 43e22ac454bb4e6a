/**
 * sign-heartbeats
 *
 * Trigger: every minute, through its queue, for what is due. Publishes: `audit-appended.v1`, through the outbox, where entries waited to be signed for.
 * Permissions: reads and writes the audit bucket and the control table; kms:Sign with the audit signing key.
 * Repeats: safe, a checkpoint that was signed a short time ago is left as it is. Fails: what is due stays due.
 */
import { heartbeatMinutesOf, signHeartbeats } from '../shared/domain/audit/sign-heartbeats';
import { auditPorts, controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf([
  'controlTableName',
  'auditBucketName',
  'auditSigningKeyArn',
  'heartbeatMinutes',
  'deadLetterQueueUrl',
]);
const ports = {
  ...basicsOf('sign-heartbeats'),
  ...controlPorts(config),
  ...auditPorts(config),
  ...parkPort(config),
  heartbeatMinutes: heartbeatMinutesOf(config.heartbeatMinutes),
};

export const handler = onQueue([onSchedule((part) => signHeartbeats(ports, part))], ports);
