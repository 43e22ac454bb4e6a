/**
 * rotate-key
 *
 * Trigger: `rotation-due.v1`; CloudTrail's RotateKey of our account and of customers', which is a hint that KMS has new
 * material. Publishes: `key-rotated.v1`, `rotation-blocked.v1`, through the outbox.
 * Permissions: rotates, creates and describes our keys, moves their aliases; sts:AssumeRole to look at customers' keys;
 * reads and writes the control table.
 * Repeats: safe, KMS is looked at before it is asked. Fails: retried while it may pass; else the rotation is recorded as
 * blocked with the reason.
 */
import { kmsServiceEvent } from '../events/cloudtrail-envelope';
import { rotationDue } from '../events/rotation-due';
import { followRotation, seenRotationOf } from '../shared/domain/follow-rotation';
import { rotateKey } from '../shared/domain/rotate-key';
import { controlPorts, kmsPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onEvent, onQueue } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('rotate-key'), ...controlPorts(config), ...kmsPorts(), ...parkPort(config) };

export const handler = onQueue(
  [
    onEvent(rotationDue, (due) => rotateKey(due, ports)),
    onEvent(kmsServiceEvent, (record) => followRotation(seenRotationOf(record), ports)),
  ],
  ports,
);
