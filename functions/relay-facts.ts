/**
 * relay-facts
 *
 * Trigger: the control table's stream, new outbox rows only. Publishes: every fact there is.
 * Permissions: events:PutEvents on the fact bus; dynamodb:UpdateItem on rows of the outbox.
 * Repeats: safe, readers deduplicate on `factId`. Fails: a fact that cannot be published is parked; the stream goes on
 * from the first that may be, a few times, and `republish-facts` after that.
 */
import { relayFacts } from '../shared/domain/outbox/relay-facts';
import { outboxPort, parkPort, publisherPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onOutbox } from '../shared/runtime/on-stream';

const config = configOf(['controlTableName', 'factBusName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('relay-facts'), ...outboxPort(config), ...publisherPort(config), ...parkPort(config) };

export const handler = onOutbox((rows) => relayFacts(rows, ports), ports);
