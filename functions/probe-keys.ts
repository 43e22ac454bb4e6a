/**
 * probe-keys
 *
 * Trigger: every minute, through its queue, once for each part of what is due. Publishes: `key-signal-received.v1`, and where nobody
 * assesses a key what `assess-key` publishes, through the outbox.
 * Permissions: uses of keys under the context of canaries alone; kms:DescribeKey; kms:GetKeyPolicy, kms:ListGrants and
 * kms:ListKeyRotations of our own keys; sts:AssumeRole for customers' roles; reads and writes the control table.
 * Repeats: safe, what is no longer due is left out. Fails: the key stays due and comes first in the next run.
 */
import { probeKeys } from '../shared/domain/availability/probe-keys';
import { beat } from '../shared/domain/availability/self-watch/beat';
import { beatsOf } from '../shared/domain/availability/self-watch/heartbeat';
import { controlPorts, kmsPorts, parkPort, roleObserverPort } from '../shared/runtime/aws-ports';
import { basicsOf, pausePort } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'ownAccountId', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('probe-keys'),
  ...controlPorts(config),
  ...kmsPorts(),
  ...roleObserverPort(),
  ...parkPort(config),
  ownAccountId: config.ownAccountId,
  pause: pausePort,
};

const run = async (part: Parameters<typeof probeKeys>[1]) => {
  const { failed } = await probeKeys(ports, part);
  for (const name of beatsOf('probe-keys', part)) await beat(name, ports, failed > 0);
};

export const handler = onQueue([onSchedule(run)], ports);
