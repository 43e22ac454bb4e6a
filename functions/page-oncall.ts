/**
 * page-oncall
 *
 * Trigger: `incident-opened.v1`, `incident-closed.v1`, `incident-acknowledged.v1`, `key-availability-changed.v1`,
 * `retirement-stopped.v1`, `channel-test-requested.v1`, and what warns early: `key-material-expiring.v1`,
 * `automatic-rotation-drifted.v1`, `customer-alias-moved.v1`, and `drill-ended.v1` of one that failed, at once; every minute, through its queue, for pages that are owed
 * still. Publishes: `oncall-paged.v1`, through the outbox.
 * Permissions: sns:Publish on the on-call topic, on that of drills, and on topics named keywright-pages-*; events:PutEvents on buses named so;
 * kms:Decrypt of channels’ secrets; kms:GenerateMac with the key of links; reads and writes the control table.
 * Repeats: safe, what was paged is not paged again. Fails: sent again every minute until the page is out or nobody is owed
 * one; a page sent twice carries the same incident id.
 */
import { automaticRotationDrifted } from '../events/automatic-rotation-drifted';
import { channelTestRequested } from '../events/channel-test-requested';
import { customerAliasMoved } from '../events/customer-alias-moved';
import { drillEnded } from '../events/drill-ended';
import { incidentAcknowledged } from '../events/incident-acknowledged';
import { incidentClosed } from '../events/incident-closed';
import { incidentOpened } from '../events/incident-opened';
import { keyAvailabilityChanged } from '../events/key-availability-changed';
import { keyMaterialExpiring } from '../events/key-material-expiring';
import { retirementStopped } from '../events/retirement-stopped';
import { pageStop, pageWarning } from '../shared/domain/availability/paging/page-notice';
import { pageIncident, pageKeyChange, pageOwed } from '../shared/domain/availability/paging/page-oncall';
import { sendTestPage } from '../shared/domain/availability/paging/send-test-page';
import { beat } from '../shared/domain/availability/self-watch/beat';
import { ofAlias, ofDrift, ofExpiry, type Warned, warnEarly } from '../shared/domain/availability/warnings/warn-early';
import { warningIdOf } from '../shared/domain/drills/drill-warning';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';
import { oncallPorts } from '../shared/runtime/oncall-ports';

const ports = oncallPorts('page-oncall');

/** Written first: the schedule finds what no channel takes now. */
async function warn(warned: Warned): Promise<void> {
  if (await warnEarly(warned, ports)) await pageWarning(warned.warningId, ports);
}

export const handler = onQueue(
  [
    onFact(incidentOpened, ({ incidentId }) => pageIncident(incidentId, ports), ports),
    onFact(incidentClosed, ({ incidentId }) => pageIncident(incidentId, ports), ports),
    onFact(incidentAcknowledged, ({ incidentId }) => pageIncident(incidentId, ports), ports),
    onFact(keyAvailabilityChanged, ({ kmsKeyArn }) => pageKeyChange(kmsKeyArn, ports), ports),
    onFact(channelTestRequested, (request) => sendTestPage(request, ports), ports),
    onFact(retirementStopped, ({ factId }) => pageStop(factId, ports), ports),
    onFact(keyMaterialExpiring, (fact) => warn(ofExpiry(fact)), ports),
    onFact(automaticRotationDrifted, (fact) => warn(ofDrift(fact)), ports),
    onFact(customerAliasMoved, (fact) => warn(ofAlias(fact)), ports),
    onFact(
      drillEnded,
      async (ended) => ended.outcome === 'failed' && pageWarning(warningIdOf(ended.drillId), ports),
      ports,
    ),
    onSchedule(async () => {
      ports.metrics.addMetric('overdue', 'Count', await pageOwed(ports));
      await beat('page-oncall', ports);
    }),
  ],
  ports,
);
