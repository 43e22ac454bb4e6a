/**
 * page-overdue
 *
 * Trigger: every minute, through its queue. Publishes: `oncall-paged.v1`, through the outbox.
 * Permissions: those of page-oncall.
 * Repeats: safe, what was paged is not paged again. Fails: tried again a minute later.
 */
import { pageOverdue } from '../shared/domain/availability/paging/page-overdue';
import { onQueue, onSchedule } from '../shared/runtime/on-queue';
import { oncallPorts } from '../shared/runtime/oncall-ports';

const ports = oncallPorts('page-overdue');

const run = async () => ports.metrics.addMetric('overdue', 'Count', await pageOverdue(ports));

export const handler = onQueue([onSchedule(run)], ports);
