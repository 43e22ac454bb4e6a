/**
 * page-overdue
 *
 * Trigger: every minute, through its queue. Publishes: `oncall-paged.v1`, through the outbox.
 * Permissions: those of page-oncall.
 * Repeats: safe, what was paged is not paged again. Fails: tried again a minute later.
 */
import { pageOverdue } from '../shared/domain/availability/paging/page-overdue';
import { controlPorts, pagingPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf([
  'controlTableName',
  'oncallTopicArn',
  'drillTopicArn',
  'channelKeyArn',
  'runbooks',
  'deadLetterQueueUrl',
]);
const basics = basicsOf('page-overdue');
const ports = { ...basics, ...controlPorts(config), ...pagingPorts(config, basics), ...parkPort(config) };

const run = async () => ports.metrics.addMetric('overdue', 'Count', await pageOverdue(ports));

export const handler = onQueue([onSchedule(run)], ports);
