/** What CloudTrail tells of the use of keys, as far as retirement needs it: the last use, and uses that are missed. */

import { retiredKeyUsed } from '../../../events/retired-key-used';
import type { BlockedUse, ObservedUse } from '../keys/observed-use';
import { defined } from '../optional-fields';
import { commitOnce } from '../outbox/commit-fact-once';
import type { Clock, ControlStore } from '../ports';
import { endOfHour, type LastUses } from './verify/usage-sources';

export interface NotePorts {
  readonly control: ControlStore;
  readonly lastUses: LastUses;
  readonly clock: Clock;
}

/** Safe to repeat. By the end of the hour: a key that is used all the time is noted once an hour. */
export const noteUsed = ({ kmsKeyArn, at }: ObservedUse, { lastUses }: NotePorts): Promise<void> =>
  lastUses.note(kmsKeyArn, endOfHour(at));

/** Publishes that somebody misses a key that we disabled. Safe to repeat: each event is told once. */
export async function noteBlockedUse(use: BlockedUse, { control, clock }: NotePorts): Promise<void> {
  const { kmsKeyArn, eventId, at, observed } = use;
  const key = await control.find('kms-key', kmsKeyArn);
  // A key that its owner disabled is assess-key's.
  if (key?.state !== 'disabled' && key?.state !== 'deletion-scheduled') return;
  const fact = retiredKeyUsed.of({
    factId: `${eventId}/${kmsKeyArn}/blocked`,
    at: clock.now(),
    kmsKeyArn,
    ...defined({ customerId: key.customerId }),
    observed,
    usedAt: at,
  });
  await commitOnce(fact, control);
}
