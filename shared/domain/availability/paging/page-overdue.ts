/** page-overdue: pages what page-oncall should have paged and did not, whatever keeps it: by a function of its own. */
import type { PagePorts } from './oncall-channels';
import { pageOwed } from './page-oncall';

/** page-oncall is woken by a fact, and looks every minute: what two of its looks passed by it does not see to. */
const OVERDUE_MS = 90_000;

/**
 * Does what `pageOwed` does, for what has been due for longer. Safe to repeat, also while page-oncall is at it: who sends claims the row.
 *
 * @returns how many pages were overdue: nothing where page-oncall runs.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export const pageOverdue = (ports: PagePorts): Promise<number> => pageOwed(ports, OVERDUE_MS);
