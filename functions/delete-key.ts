/**
 * delete-key
 *
 * Trigger: `deletion-due.v1`. Publishes: `retirement-advanced.v1`, `retirement-certified.v1`, `retirement-due.v1`, `deletion-due.v1`, through
 * the outbox.
 * Permissions: the only function with kms:ScheduleKeyDeletion, and what undoes it, on our keys; kms:Sign with the signing
 * key; reads both tables, writes the control table.
 * Repeats: safe, nothing is touched without an approval that is valid now. Fails: retried while it may pass.
 */
import { deletionDue } from '../events/deletion-due';
import { deleteKey } from '../shared/domain/retirement/delete-key';
import { controlPorts, dataKeyPorts, kmsPorts, lastUsesPort, parkPort, signerPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'dataKeyTableName', 'auditSigningKeyArn', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('delete-key'),
  ...controlPorts(config),
  ...dataKeyPorts(config),
  ...lastUsesPort(config),
  ...signerPort(config),
  ...kmsPorts(),
  ...parkPort(config),
};

export const handler = onQueue([onFact(deletionDue, (due) => deleteKey(due, ports), ports)], ports);
