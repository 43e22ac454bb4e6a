/**
 * retire-key
 *
 * Trigger: `data-keys-reencrypted.v1`, `retirement-due.v1`, `retired-key-used.v1`; every five minutes, for what is due.
 * Publishes: `retirement-advanced.v1`, `retirement-certified.v1`, `retirement-stopped.v1`, `key-retired.v1`,
 * `key-retirement-refused.v1`, `retirement-due.v1`, `deletion-due.v1`, and `reencryption-batch-due.v1` for what came late, through the outbox.
 * Permissions: kms:DisableKey and what undoes it, and a look at last uses, on our keys; kms:Sign with the signing key;
 * reads both tables, writes the control table.
 * Repeats: safe, a key that is retired stays so. Fails: retried while it may pass; the key stays as it is meanwhile.
 */
import { dataKeysReencrypted } from '../events/data-keys-reencrypted';
import { retiredKeyUsed } from '../events/retired-key-used';
import { retirementDue } from '../events/retirement-due';
import { followRetiredUse } from '../shared/domain/retirement/follow-retired-use';
import { advanceRetirement, reconcileRetirements, retireKey } from '../shared/domain/retirement/retire-key';
import { controlPorts, dataKeyPorts, kmsPorts, lastUsesPort, parkPort, signerPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'dataKeyTableName', 'auditSigningKeyArn', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('retire-key'),
  ...controlPorts(config),
  ...dataKeyPorts(config),
  ...lastUsesPort(config),
  ...signerPort(config),
  ...kmsPorts(),
  ...parkPort(config),
};

export const handler = onQueue(
  [
    onSchedule(() => reconcileRetirements(ports)),
    onFact(dataKeysReencrypted, (done) => retireKey(done, ports), ports),
    onFact(retirementDue, (due) => advanceRetirement(due, ports), ports),
    onFact(retiredKeyUsed, (use) => followRetiredUse(use, ports), ports),
  ],
  ports,
);
