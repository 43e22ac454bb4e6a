/** What happens to keys by itself, and when: one table. A key's earliest event comes first; the rest on later ticks. */

import { expireMaterial, expiryDueAt } from '../imports/imported-material';
import type { Kms } from '../kms';
import { deleteKey } from './deletion';
import type { KmsKey } from './kms-key';
import { finishCreation } from './replication';
import { rotate, rotationDueAt } from './rotate';

interface Event {
  readonly at: (key: KmsKey) => number | undefined;
  readonly happen: (kms: Kms, key: KmsKey) => void;
}

const EVENTS: readonly Event[] = [
  { at: (key) => key.creatingUntilMs, happen: finishCreation },
  { at: (key) => key.deletion?.atMs, happen: deleteKey },
  { at: expiryDueAt, happen: expireMaterial },
  { at: rotationDueAt, happen: rotate },
];

/** The next instant at which something happens to a key by itself. */
export function dueAt(key: KmsKey): number | undefined {
  return nextOf(key)?.atMs;
}

/** Lets the next event of a key happen, if its instant has come. State and announcement are one change of the store. */
export function live(kms: Kms, key: KmsKey): void {
  const next = nextOf(key);
  if (next && next.atMs <= kms.clock.now()) kms.store.together(() => next.happen(kms, key));
}

function nextOf(key: KmsKey): (Pick<Event, 'happen'> & { atMs: number }) | undefined {
  const dated = EVENTS.flatMap(({ at, happen }) => {
    const atMs = at(key);
    return atMs === undefined ? [] : [{ happen, atMs }];
  });
  return dated.sort((a, b) => a.atMs - b.atMs)[0];
}
