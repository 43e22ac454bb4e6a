/**
 * export-sla
 *
 * Trigger: `POST /export-sla` of its function URL, signed. Publishes: nothing.
 * Permissions: reads the control table; signs with the audit signing key. It changes nothing, and has an address of its own so that
 * whoever may operate the product signs nothing by that.
 * Repeats: safe. Fails: the caller hears the code, the field at fault and whether to try again.
 */
import { exportSlaOperation } from '../shared/domain/api/service-levels';
import { controlPorts, signerPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onHttp } from '../shared/runtime/on-http';

const config = configOf(['controlTableName', 'auditSigningKeyArn']);
const ports = { ...basicsOf('export-sla'), ...controlPorts(config), ...signerPort(config) };

export const handler = onHttp([exportSlaOperation], ports);
