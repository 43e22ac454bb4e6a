/**
 * meter-usage
 *
 * Trigger: `audit-appended.v1`, which makes a log due; every minute, through its queue, for what is due. Publishes:
 * `cost-share-recorded.v1`, through the outbox.
 * Permissions: reads the audit bucket and the control table; writes how far logs are counted, uses of keys, shares, and facts.
 * Repeats: safe, an entry is counted once. Fails: due still, and goes on where it was.
 */
import { auditAppended } from '../events/audit-appended';
import { meterUsage, noteGrowth } from '../shared/domain/costs/meter-usage';
import { controlPorts, logFilesPort, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'auditBucketName', 'ownAccountId', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('meter-usage'),
  ...controlPorts(config),
  ...logFilesPort(config),
  ...parkPort(config),
  ownAccountId: config.ownAccountId,
};

export const handler = onQueue(
  [
    onFact(auditAppended, ({ customerId }) => noteGrowth(customerId, ports), ports),
    onSchedule((part) => meterUsage(ports, part)),
  ],
  ports,
);
