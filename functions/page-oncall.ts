/**
 * page-oncall
 *
 * Trigger: `incident-opened.v1`, `incident-closed.v1`, `retirement-stopped.v1`. Publishes: `oncall-paged.v1`, through the outbox.
 * Permissions: sns:Publish on the on-call topic; reads and writes the control table.
 * Repeats: safe, what was paged is not paged again. Fails: retried until the page is out; a page sent twice carries the
 * same incident id.
 */
import { incidentClosed } from '../events/incident-closed';
import { incidentOpened } from '../events/incident-opened';
import { retirementStopped } from '../events/retirement-stopped';
import { pageClosed, pageOpened, pageStopped } from '../shared/domain/page-oncall';
import { controlPorts, pagerPort, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onEvent, onQueue } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'oncallTopicArn', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('page-oncall'), ...controlPorts(config), ...pagerPort(config), ...parkPort(config) };

export const handler = onQueue(
  [
    onEvent(incidentOpened, (fact) => pageOpened(fact, ports)),
    onEvent(incidentClosed, (fact) => pageClosed(fact, ports)),
    onEvent(retirementStopped, (fact) => pageStopped(fact, ports)),
  ],
  ports,
);
