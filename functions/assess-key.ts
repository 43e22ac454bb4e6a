/**
 * assess-key
 *
 * Trigger: `key-signal-received.v1`. Publishes: `key-availability-changed.v1`, `incident-opened.v1`, `incident-closed.v1`,
 * through the outbox.
 * Permissions: uses of keys under the context of canaries alone; kms:DescribeKey; kms:GetKeyPolicy, kms:ListGrants and
 * kms:ListKeyRotations of our own keys; sts:AssumeRole for customers' roles; reads and writes the control table.
 * Repeats: safe, a verdict that is recorded already changes nothing. Fails: retried on `state.changed-meanwhile` and
 * `store.unreachable`; parked on every other domain error.
 */
import { keySignalReceived } from '../events/key-signal-received';
import { assessKey } from '../shared/domain/availability/assess-key';
import { controlPorts, kmsPorts, parkPort, roleObserverPort } from '../shared/runtime/aws-ports';
import { basicsOf, pausePort } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'ownAccountId', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('assess-key'),
  ...controlPorts(config),
  ...kmsPorts(),
  ...roleObserverPort(),
  ...parkPort(config),
  ownAccountId: config.ownAccountId,
  pause: pausePort,
};

export const handler = onQueue([onFact(keySignalReceived, (signal) => assessKey(signal, ports), ports)], ports);
