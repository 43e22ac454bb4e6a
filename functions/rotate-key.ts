/**
 * rotate-key
 *
 * Trigger: `rotation-due.v1`; `key-availability-changed.v1`, by which what a missing key had blocked goes on; CloudTrail's RotateKey of our account and of customers', which is a hint that KMS has new
 * material; ImportKeyMaterial of our account; UpdateAlias of a customer's, which is asked about.
 * Publishes, through the outbox: `key-rotated.v1`, `rotation-blocked.v1`, `rotation-strategy-changed.v1`,
 * `automatic-rotation-drifted.v1`, `customer-rotation-requested.v1`, `customer-alias-moved.v1`,
 * `key-material-requested.v1`, `key-material-expiring.v1`.
 * Permissions: rotates, creates and describes our keys, moves their aliases; sts:AssumeRole to look at customers' keys;
 * reads and writes the control table.
 * Repeats: safe, KMS is looked at before it is asked. Fails: retried while it may pass; else the rotation is recorded as
 * blocked with the reason.
 */
import { kmsApiCall, kmsServiceEvent } from '../events/cloudtrail-envelope';
import type { KmsRecord } from '../events/cloudtrail-kms-record';
import { keyAvailabilityChanged } from '../events/key-availability-changed';
import { rotationDue } from '../events/rotation-due';
import { serves } from '../shared/domain/availability/key-availability';
import { noticeAlias } from '../shared/domain/keys/notice-alias';
import { noticeRotation } from '../shared/domain/rotation/follow-rotation';
import { noticeImport } from '../shared/domain/rotation/notice-import';
import { resumeRotation } from '../shared/domain/rotation/resume-rotation';
import { rotateKey } from '../shared/domain/rotation/rotate-key';
import { controlPorts, kmsPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onEvent, onFact, onQueue } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'ownAccountId', 'deadLetterQueueUrl']);
const { ownAccountId } = config;
const ports = { ...basicsOf('rotate-key'), ...controlPorts(config), ...kmsPorts(), ...parkPort(config), ownAccountId };

const called = (record: KmsRecord, account: string): Promise<unknown> =>
  record.eventName === 'ImportKeyMaterial' ? noticeImport(record, account, ports) : noticeAlias(record, account, ports);

export const handler = onQueue(
  [
    onFact(rotationDue, (due) => rotateKey(due, ports), ports),
    onFact(
      keyAvailabilityChanged,
      async ({ kmsKeyArn, to }) => {
        if (serves(to)) await resumeRotation(kmsKeyArn, ports);
      },
      ports,
    ),
    onEvent(kmsServiceEvent, (record, account) => noticeRotation(record, account, ports), ports),
    onEvent(kmsApiCall, called, ports),
  ],
  ports,
);
