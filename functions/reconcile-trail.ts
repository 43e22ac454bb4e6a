/**
 * reconcile-trail
 *
 * Trigger: every five minutes, through its queue; `customer-onboarded.v1`. Publishes: `audit-gap-found.v1`, `completeness-stated.v1`, through the
 * outbox; entries to the queue of `append-audit`.
 * Permissions: reads the trail's files and the control table; cloudtrail:ListPublicKeys; sqs:SendMessage to that queue; writes how far it is, and
 * facts.
 * Repeats: safe, each hour is worked to its end once, and a stream takes each record once. Fails: tried again where it was.
 */
import { customerOnboarded } from '../events/customer-onboarded';
import { beginCompleteness } from '../shared/domain/audit/trail/count-hours';
import { reconcileTrail } from '../shared/domain/audit/trail/reconcile-trail';
import { stateCompleteness } from '../shared/domain/audit/trail/state-completeness';
import { beat } from '../shared/domain/availability/self-watch/beat';
import { OPERATOR_ID } from '../shared/domain/customers/customer';
import { customerLookup } from '../shared/domain/customers/customer-lookup';
import { auditQueuePort, auditSequencePort, controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';
import { trailPorts } from '../shared/runtime/trail-ports';

const config = configOf([
  'controlTableName',
  'auditQueueUrl',
  'auditSigningKeyArn',
  'auditWriterRoleArn',
  'ownAccountId',
  'ownRegion',
  'trailBucketName',
  'trailFolder',
  'deadLetterQueueUrl',
]);
const { control } = controlPorts(config);
const ports = {
  ...basicsOf('reconcile-trail'),
  ...auditQueuePort(config),
  ...auditSequencePort(config),
  ...trailPorts(config),
  ...parkPort(config),
  control,
  customers: customerLookup(control),
  ownAccountId: config.ownAccountId,
  streamWriter: {
    roleArn: config.auditWriterRoleArn,
    signingKeyArn: config.auditSigningKeyArn,
    controlTableName: config.controlTableName,
  },
};

const run = async () => {
  await beginCompleteness(OPERATOR_ID, ports);
  const goesOn = await reconcileTrail(ports);
  await stateCompleteness(ports);
  // A trail that says nothing any more is as bad as nobody who reads it.
  if (goesOn) await beat('reconcile-trail', ports);
};

export const handler = onQueue(
  [onFact(customerOnboarded, ({ customerId }) => beginCompleteness(customerId, ports), ports), onSchedule(run)],
  ports,
);
