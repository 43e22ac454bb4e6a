/**
 * keep-ledger
 *
 * Trigger: `incident-opened.v1`, `oncall-paged.v1`, `incident-closed.v1`; every minute, for rounds that are due. Publishes:
 * `sla-interval-recorded.v1`, through the outbox.
 * Permissions: reads the control table; writes intervals, the rounds through them, and facts.
 * Repeats: safe, an interval that says so already is left alone. Fails: due still, and goes on a minute later where it was.
 */
import { incidentClosed } from '../events/incident-closed';
import { incidentOpened } from '../events/incident-opened';
import { oncallPaged } from '../events/oncall-paged';
import { keepDueLedgers, keepLedger } from '../shared/domain/sla-ledger/keep-ledger';
import { controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('keep-ledger'), ...controlPorts(config), ...parkPort(config) };

const keptFor = (fact: string) => (told: { readonly incidentId: string; readonly factId: string }) =>
  keepLedger({ incidentId: told.incidentId, factId: told.factId, fact }, ports);

export const handler = onQueue(
  [
    ...[incidentOpened, oncallPaged, incidentClosed].map((contract) =>
      onFact<{ readonly incidentId: string; readonly factId: string }>(contract, keptFor(contract.detailType), ports),
    ),
    onSchedule(() => keepDueLedgers(ports)),
  ],
  ports,
);
