/**
 * retire-key
 *
 * Trigger: `data-keys-reencrypted.v1`. Publishes: `key-retired.v1`, `key-retirement-refused.v1`, and
 * `reencryption-batch-due.v1` for what came late, through the outbox.
 * Permissions: kms:DisableKey and kms:EnableKey on our keys; reads both tables, writes the control table.
 * Repeats: safe, a key that is retired stays so. Fails: retried while it may pass; the key stays in use meanwhile.
 */
import { dataKeysReencrypted } from '../events/data-keys-reencrypted';
import { retireKey } from '../shared/domain/retire-key';
import { controlPorts, dataKeyPorts, kmsPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onEvent, onQueue } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'dataKeyTableName', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('retire-key'),
  ...controlPorts(config),
  ...dataKeyPorts(config),
  ...kmsPorts(),
  ...parkPort(config),
};

export const handler = onQueue([onEvent(dataKeysReencrypted, (done) => retireKey(done, ports))], ports);
