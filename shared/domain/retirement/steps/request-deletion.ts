/** The fifth stage: two people decide, and the deletion is asked for. */

import { deletionDue } from '../../../../events/deletion-due';
import { DAY_MS, later, MINUTE_MS } from '../../instants';
import { newFact } from '../../outbox/new-fact';
import { approvalKey } from '../../rows';
import { approvalFault } from '../approval';
import { findReferences } from '../verify/references';
import type { RetirementContext } from '../verify/verify-unused';
import type { RetireOutcome, RetirePorts } from './ports';
import { unlessNeeded } from './restore-needed-key';
import { lookAgain } from './schedule-check';

/** A deletion that two people decided is asked for again after so long, in case the asking was lost. */
const DELETION_AGAIN_MS = 15 * MINUTE_MS;

/** Two people decide. What they decided is asked for again, in case the asking was lost. */
export async function requestDeletion(open: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { key, retirement, cursor } = open;
  const { control, clock } = ports;
  const needed = await unlessNeeded(open, await findReferences(key, ports), ports);
  if (needed !== undefined) return needed;
  const approval = await control.find('approval', approvalKey(key.kmsKeyArn, 'schedule-deletion'));
  const isApproved = approvalFault(approval, 'schedule-deletion', retirement, clock.now()) === undefined;
  const isBegun = key.state === 'deletion-scheduled';
  if (!isApproved && !isBegun) return lookAgain(open, DAY_MS, 'waiting', ports);
  const row = { ...retirement, ...(cursor && { scanCursor: cursor }), dueAt: later(clock.now(), DELETION_AGAIN_MS) };
  const fact = newFact(deletionDue, ports, { kmsKeyArn: key.kmsKeyArn, part: cursor?.part });
  await control.commit({ writes: [{ entityType: 'retirement', row }], facts: [fact] });
  return 'waiting';
}
