/**
 * settle-incidents
 *
 * Trigger: `incident-opened.v1` and `key-availability-changed.v1`, half a minute after they came; every minute, through its
 * queue. Publishes: `incident-closed.v1`, through the outbox.
 * Permissions: reads and writes the control table.
 * Repeats: safe, what is over is left alone. Fails: tried again, and by the next run.
 */
import { incidentOpened } from '../events/incident-opened';
import { keyAvailabilityChanged } from '../events/key-availability-changed';
import { settleIncidents } from '../shared/domain/availability/settle-incidents';
import { controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('settle-incidents'), ...controlPorts(config), ...parkPort(config) };

const run = () => settleIncidents(ports);

export const handler = onQueue(
  [onFact(incidentOpened, run, ports), onFact(keyAvailabilityChanged, run, ports), onSchedule(run)],
  ports,
);
