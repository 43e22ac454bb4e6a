/**
 * record-key-events
 *
 * Trigger: CloudTrail's KMS records and KMS's own events of our account and of customers', and our own facts, in batches.
 * Publishes: `key-signal-received.v1`, `retired-key-used.v1`, through the outbox; entries to the queue of `append-audit`.
 * Permissions: reads the control table and writes its outbox; sqs:SendMessage to that queue.
 * Repeats: safe, streams and outbox take each event once. Fails: each event by itself; the good ones beside it are kept.
 */

import { recordKeyEvents } from '../shared/domain/audit/record-key-events';
import { customerLookup } from '../shared/domain/customers/customer-lookup';
import { recentlySeen } from '../shared/domain/recently-seen';
import { auditQueuePort, controlPorts, keyUsesPort, lastUsesPort, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onBatch } from '../shared/runtime/on-queue';

const config = configOf([
  'controlTableName',
  'auditQueueUrl',
  'auditSigningKeyArn',
  'auditWriterRoleArn',
  'ownAccountId',
  'lookingRoleNames',
  'deadLetterQueueUrl',
]);
const basics = basicsOf('record-key-events');
const { control } = controlPorts(config);
const ports = {
  ...basics,
  ...auditQueuePort(config),
  ...parkPort(config),
  ...keyUsesPort(config),
  ...lastUsesPort(config),
  control,
  wasPutOff: recentlySeen(10_000, 60_000),
  customers: customerLookup(control),
  ownAccountId: config.ownAccountId,
  lookingRoles: new Set(config.lookingRoleNames.split(',')),
  streamWriter: {
    roleArn: config.auditWriterRoleArn,
    signingKeyArn: config.auditSigningKeyArn,
    controlTableName: config.controlTableName,
  },
};

export const handler = onBatch((events) => recordKeyEvents(events, ports), ports);
