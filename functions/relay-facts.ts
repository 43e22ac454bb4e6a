/**
 * relay-facts
 *
 * Trigger: the control table's stream, new outbox rows only. Publishes: every fact there is.
 * Permissions: events:PutEvents on the fact bus.
 * Repeats: safe, readers deduplicate on `factId`. Fails: the stream goes on from the first fact that was not taken.
 */
import { relayFacts } from '../shared/domain/relay-facts';
import { parkPort, publisherPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onOutbox } from '../shared/runtime/on-stream';

const config = configOf(['factBusName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('relay-facts'), ...publisherPort(config), ...parkPort(config) };

export const handler = onOutbox((rows) => relayFacts(rows, ports), ports);
