/**
 * receive-reports
 *
 * Trigger: the report table's stream, failures of keys and their ends only. Publishes: `key-signal-received.v1`, through the outbox.
 * Permissions: reads the control table and writes its outbox.
 * Repeats: safe, a key is signalled once in ten seconds. Fails: each report by itself; what is no report is ignored.
 */
import { receiveReport } from '../shared/domain/availability/receive-reports';
import { controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onReports } from '../shared/runtime/on-reports';

const config = configOf(['controlTableName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('receive-reports'), ...controlPorts(config), ...parkPort(config) };

export const handler = onReports((report) => receiveReport(report, ports), ports);
