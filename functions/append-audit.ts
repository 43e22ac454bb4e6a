/**
 * append-audit
 *
 * Trigger: the FIFO queue of entries, in order within a customer. Publishes: `audit-appended.v1`, through the outbox.
 * Permissions: reads and writes the audit bucket and the control table; kms:Sign with the audit signing key.
 * Repeats: safe, an entry whose keys are known is left out. Fails: retried, and that customer’s entries behind it wait;
 * parked where nobody of that id is registered.
 */
import { readAuditEntries } from '../events/audit-entries';
import { appendAudit } from '../shared/domain/audit/append-audit';
import { customerLookup } from '../shared/domain/customers/customer-lookup';
import { auditPorts, controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onMessages } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'auditBucketName', 'auditSigningKeyArn', 'deadLetterQueueUrl']);
const { control } = controlPorts(config);
const customers = customerLookup(control);
const ports = { ...basicsOf('append-audit'), ...auditPorts(config), ...parkPort(config), control, customers };

export const handler = onMessages((message) => appendAudit(readAuditEntries(message), ports), ports, { fifo: true });
