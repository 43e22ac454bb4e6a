/**
 * api
 *
 * Trigger: `POST /OPERATION` of its function URL, signed; the operations of shared/domain/operations. Publishes: what
 * their verbs publish, through the outbox.
 * Permissions: reads and writes both tables (data keys that are compromised are marked at once); describes keys, customers'
 * by their role; puts keys of ours back into use, and can neither disable nor delete one; encrypts secrets of channels, and
 * can decrypt none.
 * Repeats: safe, each verb is. Fails: the caller hears the code, the field at fault and whether to try again.
 */
import { OPERATIONS } from '../shared/domain/api/catalogue';
import {
  aliasesPort,
  controlPorts,
  dataKeyPorts,
  identitiesPort,
  kmsPorts,
  secretSealerPort,
  subscriptionPorts,
} from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onHttp } from '../shared/runtime/on-http';

const config = configOf(['controlTableName', 'dataKeyTableName', 'channelKeyArn', 'drillKeyArn']);
const ports = {
  ...basicsOf('api'),
  ...controlPorts(config),
  ...dataKeyPorts(config),
  ...kmsPorts(),
  ...aliasesPort(),
  ...identitiesPort(),
  ...secretSealerPort(config),
  ...subscriptionPorts(config),
  drillKeyArn: config.drillKeyArn,
};

export const handler = onHttp(OPERATIONS, ports);
