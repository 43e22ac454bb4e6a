/**
 * contain-compromise
 *
 * Trigger: `key-compromised.v1` begins, `containment-due.v1` asks for the next step, `key-rotated.v1` and
 * `data-keys-reencrypted.v1` are what it waits for; every five minutes, what was left. Publishes: `containment-due.v1`,
 * `data-store-exposed.v1`, `rotation-due.v1`, `compromise-contained.v1`, `compromise-ended.v1`, through the outbox.
 * Permissions: reads and writes both tables; none in KMS.
 * Repeats: safe, a step that was taken is left alone. Fails: what is due stays due.
 */
import { containmentDue } from '../events/containment-due';
import { dataKeysReencrypted } from '../events/data-keys-reencrypted';
import { keyCompromised } from '../events/key-compromised';
import { keyRotated } from '../events/key-rotated';
import { containCompromise, containKey, reconcileCompromises } from '../shared/domain/compromise/contain-compromise';
import { controlPorts, dataKeyPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'dataKeyTableName', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('contain-compromise'),
  ...controlPorts(config),
  ...dataKeyPorts(config),
  ...parkPort(config),
};

export const handler = onQueue(
  [
    onFact(keyCompromised, (news) => containKey(news, ports), ports),
    onFact(containmentDue, (due) => containCompromise(due, ports), ports),
    onFact(keyRotated, (news) => containKey(news, ports), ports),
    onFact(dataKeysReencrypted, (news) => containKey(news, ports), ports),
    onSchedule(() => reconcileCompromises(ports)),
  ],
  ports,
);
