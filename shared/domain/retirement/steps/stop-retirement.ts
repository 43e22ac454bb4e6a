/** A retirement that stops by itself: what is written with it, so that on-call is told. */

import { retirementStopped } from '../../../../events/retirement-stopped';
import type { KmsKey } from '../../keys/kms-key';
import { defined } from '../../optional-fields';
import type { Change, Clock, Ids } from '../../ports';

/** The page that is owed from now on, and the fact that says so at once. */
export function stopping(
  { kmsKeyArn, customerId }: Pick<KmsKey, 'kmsKeyArn' | 'customerId'>,
  reason: string,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Change {
  const at = clock.now();
  const stopId = ids.next();
  const body = { kmsKeyArn, ...defined({ customerId }), reason, at };
  return {
    writes: [{ entityType: 'retirement-stop', row: { stopId, ...body, dueAt: at, revision: 0 } }],
    facts: [retirementStopped.of({ factId: stopId, ...body })],
  };
}
