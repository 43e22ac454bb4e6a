/** After an undoing: what an attempt of before may still have done in KMS is undone too. */
import { DAY_MS, later, NEVER } from '../../instants';
import type { RetirementContext } from '../verify/verify-unused';
import { keyStateOf } from './check-kms-state';
import type { RetireOutcome, RetirePorts } from './ports';

/** An attempt that was under way when it was undone may have reached KMS after all: it is undone again, once. */
export async function settleKms(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { key, retirement } = open;
  const keyState = await keyStateOf(key, ports);
  if (keyState === 'PendingDeletion') await ports.administrator.cancelDeletion(key);
  if (keyState === 'PendingDeletion' || keyState === 'Disabled') await ports.administrator.enable(key);
  const { settleKms: _done, ...row } = retirement;
  const dueAt = row.held ? NEVER : later(ports.clock.now(), DAY_MS);
  await ports.control.commit({ writes: [{ entityType: 'retirement', row: { ...row, dueAt } }], facts: [] });
  return 'waiting';
}
