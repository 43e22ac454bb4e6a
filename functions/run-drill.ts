/**
 * run-drill
 *
 * Trigger: `drill-due.v1`; `incident-opened.v1`, `oncall-paged.v1` and `key-availability-changed.v1` of the key of drills; every minute,
 * for drills that are due, and once a week for one of each cause. Publishes: `drill-ended.v1`, through the outbox.
 * Permissions: of the key of drills, and of no other: kms:DisableKey, kms:EnableKey, kms:ScheduleKeyDeletion, kms:CancelKeyDeletion,
 * kms:PutKeyPolicy, kms:GetKeyPolicy, and a canary; reads and writes the control table.
 * Repeats: safe, what is done to the key follows a commit. Fails: the drill is due still, and the key is given back by the next run.
 */
import { drillDue } from '../events/drill-due';
import { incidentOpened } from '../events/incident-opened';
import { keyAvailabilityChanged } from '../events/key-availability-changed';
import { oncallPaged } from '../events/oncall-paged';
import { followDrill, runDrill, runDueDrills } from '../shared/domain/drills/run-drill';
import { controlPorts, kmsPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'drillKeyArn', 'lookingRoleArns', 'deadLetterQueueUrl']);
const ports = {
  ...basicsOf('run-drill'),
  ...controlPorts(config),
  ...kmsPorts(),
  ...parkPort(config),
  drillKeyArn: config.drillKeyArn,
  lookingRoleArns: config.lookingRoleArns.split(','),
};

const follow = ({ kmsKeyArn = '' }: { readonly kmsKeyArn?: string | undefined }) => followDrill(kmsKeyArn, ports);

export const handler = onQueue(
  [
    onFact(drillDue, ({ drillId }) => runDrill(drillId, ports), ports),
    onFact(incidentOpened, follow, ports),
    onFact(oncallPaged, follow, ports),
    onFact(keyAvailabilityChanged, follow, ports),
    onSchedule(() => runDueDrills(ports)),
  ],
  ports,
);
