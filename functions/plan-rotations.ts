/**
 * plan-rotations
 *
 * Trigger: every minute, through its queue; and facts that policies name as triggers. Publishes: `rotation-due.v1`, and
 * `reencryption-batch-due.v1` for jobs that stand still, through the outbox.
 * Permissions: reads and writes the control table.
 * Repeats: safe, each policy is taken up by one run, and rules are written on from where they are. Fails: what is due
 * stays due.
 */
import { incidentClosed } from '../events/incident-closed';
import { keyCompromised } from '../events/key-compromised';
import { inParallel } from '../shared/domain/parallel-work';
import { reconcileJobs } from '../shared/domain/reencryption/jobs/reconcile-jobs';
import { applyRules } from '../shared/domain/rotation/apply-rotation-rules';
import { planRotations } from '../shared/domain/rotation/plan-rotations';
import { triggerByFact } from '../shared/domain/rotation/trigger-rotation';
import { controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onFact, onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('plan-rotations'), ...controlPorts(config), ...parkPort(config) };

/** One after the other. One that fails keeps none of the others, and is told when all were tried. */
const run = async () => {
  const { failed } = await inParallel(
    [applyRules, planRotations, reconcileJobs],
    1,
    async (step) => void (await step(ports)),
  );
  for (const error of failed) throw error;
};

export const handler = onQueue(
  [
    onSchedule(run),
    onFact(keyCompromised, (fact) => triggerByFact(keyCompromised.detailType, fact, ports), ports),
    onFact(incidentClosed, (fact) => triggerByFact(incidentClosed.detailType, fact, ports), ports),
  ],
  ports,
);
