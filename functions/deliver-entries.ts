/**
 * deliver-entries
 *
 * Trigger: `audit-appended.v1`, `subscription-changed.v1`, `delivery-due.v1`, at once; every minute, through its queue, for what is due.
 * Publishes: `delivery-due.v1`, `subscription-changed.v1`, through the outbox.
 * Permissions: reads the audit bucket; kms:Decrypt of subscriptions’ secrets; sends to queues, topics, buses and buckets named
 * keywright-audit-*; reads and writes the control table.
 * Repeats: safe, what was noted is not sent again. Fails: tried again by due date; what a destination does is no failure of this function.
 */
import { auditAppended } from '../events/audit-appended';
import { deliveryDue } from '../events/delivery-due';
import { subscriptionChanged } from '../events/subscription-changed';
import { deliverDue, deliverEntries, deliverToNamed } from '../shared/domain/subscriptions/deliver-entries';
import { controlPorts, deliveryPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'auditBucketName', 'channelKeyArn', 'loopback', 'deadLetterQueueUrl']);
const basics = basicsOf('deliver-entries');
const ports = { ...basics, ...controlPorts(config), ...deliveryPorts(config, basics), ...parkPort(config) };

const toNamed = ({ customerId, subscription: name }: { readonly customerId: string; readonly subscription: string }) =>
  deliverToNamed({ customerId, name }, ports);

export const handler = onQueue(
  [
    onFact(auditAppended, ({ customerId }) => deliverEntries(customerId, ports), ports),
    onFact(subscriptionChanged, toNamed, ports),
    onFact(deliveryDue, toNamed, ports),
    onSchedule((part) => deliverDue(ports, part)),
  ],
  ports,
);
