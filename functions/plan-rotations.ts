/**
 * plan-rotations
 *
 * Trigger: every minute, through its queue. Publishes: `rotation-due.v1`, and `reencryption-batch-due.v1` for jobs
 * that stand still, through the outbox.
 * Permissions: reads and writes the control table.
 * Rules that were set are written into policies first.
 * Repeats: safe, each policy is taken up by one run. Fails: what is due stays due.
 */
import { applyRules } from '../shared/domain/apply-rotation-rules';
import { planRotations } from '../shared/domain/plan-rotations';
import { tendJobs } from '../shared/domain/reencrypt-data-keys/park-job';
import { controlPorts, parkPort } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';
import { configOf } from '../shared/runtime/config';
import { onQueue, onSchedule } from '../shared/runtime/on-queue';

const config = configOf(['controlTableName', 'deadLetterQueueUrl']);
const ports = { ...basicsOf('plan-rotations'), ...controlPorts(config), ...parkPort(config) };

const run = async () => {
  await applyRules(ports);
  await planRotations(ports);
  await tendJobs(ports);
};

export const handler = onQueue([onSchedule(run)], ports);
