/**
 * page-oncall
 *
 * Trigger: `incident-opened.v1`, `incident-closed.v1`, `incident-acknowledged.v1`, `retirement-stopped.v1`,
 * `channel-test-requested.v1`, at once; every minute, through its queue, for pages that are owed still. Publishes: `oncall-paged.v1`, through the outbox.
 * Permissions: sns:Publish on the on-call topic, and on topics named keywright-pages-*; events:PutEvents on buses named so;
 * kms:Decrypt of channels’ secrets; reads and writes the control table.
 * Repeats: safe, what was paged is not paged again. Fails: sent again every minute until the page is out or nobody is owed
 * one; a page sent twice carries the same incident id.
 */
import { channelTestRequested } from '../events/channel-test-requested';
import { incidentAcknowledged } from '../events/incident-acknowledged';
import { incidentClosed } from '../events/incident-closed';
import { incidentOpened } from '../events/incident-opened';
import { retirementStopped } from '../events/retirement-stopped';
import { pageIncident, pageOwed, pageStop } from '../shared/domain/availability/paging/page-oncall';
import { beat } from '../shared/domain/availability/self-watch/beat';
import { sendTestPage } from '../shared/domain/availability/paging/send-test-page';
import { controlPorts, pagingPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'oncallTopicArn', 'channelKeyArn', 'runbooks', 'deadLetterQueueUrl']);
const basics = basicsOf('page-oncall');
const ports = { ...basics, ...controlPorts(config), ...pagingPorts(config, basics), ...parkPort(config) };

export const handler = onQueue(
  [
    onFact(incidentOpened, ({ incidentId }) => pageIncident(incidentId, ports), ports),
    onFact(incidentClosed, ({ incidentId }) => pageIncident(incidentId, ports), ports),
    onFact(incidentAcknowledged, ({ incidentId }) => pageIncident(incidentId, ports), ports),
    onFact(channelTestRequested, (request) => sendTestPage(request, ports), ports),
    onFact(retirementStopped, ({ factId }) => pageStop(factId, ports), ports),
    onSchedule(async () => {
      ports.metrics.addMetric('overdue', 'Count', await pageOwed(ports));
      await beat('page-oncall', ports);
    }),
  ],
  ports,
);
