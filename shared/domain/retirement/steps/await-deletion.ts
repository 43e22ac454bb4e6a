/** The last stage before the end: KMS waits to delete the key. */
import { DAY_MS, elapsedMs } from '../../instants';
import { findReferences } from '../verify/references';
import type { RetirementContext } from '../verify/verify-unused';
import { unlessChangedInKms } from './check-kms-state';
import type { RetireOutcome, RetirePorts } from './ports';
import { unlessNeeded } from './restore-needed-key';
import { lookAgain } from './schedule-check';

/** Until KMS has deleted the key, whatever needs it calls the deletion off. */
export async function awaitDeletion(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { retirement } = open;
  const changed = await unlessChangedInKms(open, 'PendingDeletion', ports);
  if (changed !== undefined) return changed;
  const needed = await unlessNeeded(open, await findReferences(open.key, ports), ports);
  if (needed !== undefined) return needed;
  const now = ports.clock.now();
  const { deletionDate = now } = retirement;
  return lookAgain(open, deletionDate > now ? elapsedMs(now, deletionDate) : DAY_MS, 'waiting', ports);
}
