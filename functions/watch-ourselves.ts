/**
 * watch-ourselves
 *
 * Trigger: every minute, through its queue; `relay-canary.v1`, which it sends itself. Publishes: `incident-opened.v1` and
 * `incident-closed.v1` of trouble of our own, and the canary, through the outbox.
 * Permissions: reads and writes the control table. It calls nothing else: what it watches may be what fails.
 * Repeats: safe, of a trouble at one place one incident is open. Fails: tried again; an alarm tells when it does not count.
 */
import { relayCanary } from '../events/relay-canary';
import { canaryReturned, watchOurselves } from '../shared/domain/availability/self-watch/watch-ourselves';
import { controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('watch-ourselves'), ...controlPorts(config), ...parkPort(config) };

export const handler = onQueue(
  [
    onFact(relayCanary, (canary) => canaryReturned(canary, ports), ports),
    onSchedule(async () => ports.metrics.addMetric('overdue', 'Count', await watchOurselves(ports))),
  ],
  ports,
);
