/**
 * approve-retirement
 *
 * Trigger: `POST /approve-retirement-step` of its function URL, signed. Publishes: `approval-changed.v1`, and
 * `retirement-due.v1` or `deletion-due.v1`, through the outbox.
 * Permissions: reads and writes the control table, finds keys by their alias. It has an address of its own so that IAM
 * decides who approves: whoever may ask for a step at the API may not approve one for that.
 * Repeats: safe. Fails: the caller hears the code, the field at fault and whether to try again.
 */
import { approveStepOperation } from '../shared/domain/api/retirements';
import { aliasesPort, controlPorts, identitiesPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onHttp } from '../shared/runtime/on-http';

const config = configOf(['controlTableName']);
const ports = {
  ...basicsOf('approve-retirement'),
  ...controlPorts(config),
  ...aliasesPort(),
  ...identitiesPort(),
};

export const handler = onHttp([approveStepOperation], ports);
