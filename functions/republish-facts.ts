/**
 * republish-facts
 *
 * Trigger: every minute, through its queue. Publishes: every fact that `relay-facts` has not published in time.
 * Permissions: reads what is due; events:PutEvents on the fact bus; dynamodb:UpdateItem on rows of the outbox.
 * Repeats: safe, readers deduplicate on `factId`. Fails: what was not taken is due again a minute later.
 */
import { republishFacts } from '../shared/domain/outbox/republish-facts';
import { outboxPort, parkPort, publisherPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'factBusName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('republish-facts'), ...outboxPort(config), ...publisherPort(config), ...parkPort(config) };

const run = async () => ports.metrics.addMetric('overdue', 'Count', await republishFacts(ports));

export const handler = onQueue([onSchedule(run)], ports);
