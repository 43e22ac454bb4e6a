/**
 * tell-customers
 *
 * Trigger: `incident-opened.v1`, `incident-closed.v1`, `subscription-changed.v1`, at once; every minute, through its queue, for notices that are owed still.
 * Publishes: `customer-notified.v1`, through the outbox.
 * Permissions: sns:Publish and events:PutEvents on topics and buses named keywright-pages-*; kms:Decrypt of channels’ secrets; reads and
 * writes the control table.
 * Repeats: safe, who has a notice gets no other. Fails: sent again by due date, for a day; their stream has it already.
 */
import { incidentClosed } from '../events/incident-closed';
import { incidentOpened } from '../events/incident-opened';
import { subscriptionChanged } from '../events/subscription-changed';
import { tellCustomers, tellOwed } from '../shared/domain/availability/notices/tell-customers';
import { tellDisabled } from '../shared/domain/subscriptions/tell-disabled';
import { channelPorts, controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'channelKeyArn', 'deadLetterQueueUrl']);
const basics = basicsOf('tell-customers');
const ports = { ...basics, ...controlPorts(config), ...channelPorts(config, basics), ...parkPort(config) };

export const handler = onQueue(
  [
    onFact(incidentOpened, ({ incidentId }) => tellCustomers(incidentId, ports), ports),
    onFact(incidentClosed, ({ incidentId }) => tellCustomers(incidentId, ports), ports),
    onFact(subscriptionChanged, (change) => tellDisabled(change, ports), ports),
    onSchedule(() => tellOwed(ports)),
  ],
  ports,
);
