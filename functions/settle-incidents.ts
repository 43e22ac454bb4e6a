/**
 * settle-incidents
 *
 * Trigger: `incident-opened.v1` and `key-availability-changed.v1`, half a minute after they came; every minute, through its
 * queue. Publishes: `incident-closed.v1`, through the outbox.
 * Permissions: reads and writes the control table.
 * Repeats: safe, what is over is left alone. Fails: tried again, and by the next run.
 */
import { type IncidentOpened, incidentOpened } from '../events/incident-opened';
import { keyAvailabilityChanged } from '../events/key-availability-changed';
import { gatherStorm, settleIncidents, settleKey } from '../shared/domain/availability/settle-incidents';
import { controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('settle-incidents'), ...controlPorts(config), ...parkPort(config) };

/** What is part of a storm is gathered with the one that leads it. */
const isLeading = ({ kmsKeyArn, partOf }: IncidentOpened) => kmsKeyArn !== undefined && partOf === undefined;

export const handler = onQueue(
  [
    onFact(incidentOpened, async (fact) => isLeading(fact) && gatherStorm(fact.incidentId, ports), ports),
    onFact(keyAvailabilityChanged, async (fact) => fact.to === 'available' && settleKey(fact.kmsKeyArn, ports), ports),
    onSchedule(() => settleIncidents(ports)),
  ],
  ports,
);
