/**
 * read-audit
 *
 * Trigger: its function URL, signed, from any account: `GET /PATH` of a file of the log, `POST /list-entries`, `/prove-inclusion`,
 * `/prove-consistency`. Publishes: nothing.
 * Permissions: reads rows of audit readers, and the audit bucket. It writes nothing, and reads no other row.
 * Repeats: safe. Fails: the caller hears the code, the field at fault and whether to try again.
 */
import { READ_AUDIT_OPERATIONS, readFileAs } from '../shared/domain/api/read-audit';
import { auditFilesPort, controlPorts } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onHttp } from '../shared/runtime/on-http';

const config = configOf(['controlTableName', 'auditBucketName']);
const ports = { ...basicsOf('read-audit'), ...controlPorts(config), ...auditFilesPort(config) };

export const handler = onHttp(READ_AUDIT_OPERATIONS, ports, readFileAs);
