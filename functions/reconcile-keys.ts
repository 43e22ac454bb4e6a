/**
 * reconcile-keys
 *
 * Trigger: every hour, through its queue. Publishes: `key-rotated.v1`, through the outbox.
 * Permissions: uses of keys under the context of canaries alone; kms:DescribeKey; kms:ListKeyRotations of our own keys;
 * sts:AssumeRole for customers' roles; reads and writes the control table.
 * Repeats: safe, what is as we believe changes nothing. Fails: each key by itself, and it has its turn again a day later.
 */
import { beat } from '../shared/domain/availability/self-watch/beat';
import { reconcileKeys } from '../shared/domain/rotation/reconcile-keys';
import { controlPorts, kmsPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf, pausePort } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('reconcile-keys'),
  ...controlPorts(config),
  ...kmsPorts(),
  ...parkPort(config),
  pause: pausePort,
};

const run = async () => {
  const { failed } = await reconcileKeys(ports);
  await beat('reconcile-keys', ports, failed > 0);
};

export const handler = onQueue([onSchedule(run)], ports);
