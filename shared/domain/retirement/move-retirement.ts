/** A retirement goes from one stage to another: the row, and the fact that says so. */

import { retirementAdvanced } from '../../../events/retirement-advanced';
import { later } from '../instants';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { type FactPorts, newFact } from '../outbox/new-fact';
import { RETIREMENT_MOVES, type Retirement, type RetirementStage } from './retirement';

export interface Move {
  readonly to: RetirementStage;
  /** In how many milliseconds it is looked at again. */
  readonly againMs: number;
  readonly reason?: string;
  /** The person who moved it. Absent: it moved by its terms. */
  readonly by?: string;
}

/** The row in its new stage, and the fact that says so. */
export function moved(before: Retirement, { to, againMs, reason, by }: Move, ports: FactPorts) {
  const at = ports.clock.now();
  const { reason: _before, settleKms: _done, scanCursor: _over, ...retirement } = before;
  const { kmsKeyArn, customerId, stage: from } = retirement;
  const row = transition(RETIREMENT_MOVES, before, {
    ...retirement,
    stage: to,
    since: at,
    dueAt: later(at, againMs),
    ...defined({ reason }),
  });
  const fact = newFact(retirementAdvanced, ports, {
    at,
    kmsKeyArn,
    customerId,
    from,
    to,
    reason,
    by,
    certificateHash: retirement.certificate?.hash,
  });
  return { row, fact };
}
