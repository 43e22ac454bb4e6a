/**
 * republish-facts
 *
 * Trigger: every minute, through its queue. Publishes: every fact that `relay-facts` has not published in time.
 * Permissions: reads what is due; events:PutEvents on the fact bus; dynamodb:UpdateItem on rows of the outbox;
 * reads and writes its heartbeat.
 * Repeats: safe, readers deduplicate on `factId`. Fails: what was not taken is due again a minute later.
 */
import { beat } from '../shared/domain/availability/self-watch/beat';
import { republishFacts } from '../shared/domain/outbox/republish-facts';
import { controlPorts, outboxPort, parkPort, publisherPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'factBusName', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('republish-facts'),
  ...controlPorts(config),
  ...outboxPort(config),
  ...publisherPort(config),
  ...parkPort(config),
};

const run = async () => {
  ports.metrics.addMetric('overdue', 'Count', await republishFacts(ports));
  await beat('republish-facts', ports);
};

export const handler = onQueue([onSchedule(run)], ports);
