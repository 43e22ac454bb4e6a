/**
 * The end of a key's watch: we took the key out of use ourselves, after proof that nothing needs it. It is not looked at any
 * more, and what was wrong with it is over, though the key never came back.
 */

import { keyAvailabilityChanged } from '../../../events/key-availability-changed';
import { NEVER } from '../instants';
import type { KmsKey } from '../keys/kms-key';
import { transition } from '../legal-moves';
import { newFact } from '../outbox/new-fact';
import type { Change, Clock, ControlStore, Ids } from '../ports';
import { openIncidentOf } from './incidents/find-incidents';
import { INCIDENT_MOVES } from './incidents/incident';
import { type KeyWatch, WATCH_MOVES } from './key-watch';
import { withoutNotice } from './loss-notice';
import { seeingAgain } from './note-look';
import { dueWhileOwed } from './paging/owed-page';

export interface EndWatchPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Ends the watch until the key is brought back into use. What nobody missed ends unsaid; a loss that was told is told to be
 * over. Safe to repeat.
 *
 * @throws KeywrightError `state.changed-meanwhile` (retry), `store.unreachable` (retry).
 */
export async function endWatch(key: KmsKey, watch: KeyWatch, ports: EndWatchPorts): Promise<void> {
  const isLost = watch.availability === 'unavailable' || watch.availability === 'at-risk';
  if (!isLost && watch.dueAt === NEVER) return;
  const seen = await seeingAgain(watch, ports.control);
  const { writes, facts } = isLost ? await lossOver(seen.watch, ports) : watchEnds(seen.watch);
  // The key is part of it: one that is brought back into use meanwhile is watched again. Nobody watches: nothing is told of it.
  const row = withoutNotice(key);
  await ports.control.commit({ writes: [...writes, ...seen.writes, { entityType: 'kms-key', row }], facts });
}

const watchEnds = (watch: KeyWatch): Change => ({
  writes: [{ entityType: 'key-watch', row: { ...watch, dueAt: NEVER } }],
  facts: [],
});

async function lossOver(watch: KeyWatch, ports: EndWatchPorts): Promise<Change> {
  const { openIncidentId: _, ...kept } = watch;
  const at = ports.clock.now();
  const verdict = { availability: 'unknown', evidence: 'we took the key out of use: it is not looked at', at } as const;
  const ended = watchEnds(
    transition(WATCH_MOVES, watch, { ...kept, availability: verdict.availability, verdict, since: at }),
  );
  const open = await openIncidentOf(watch, ports);
  const over = open && transition(INCIDENT_MOVES, open, { ...open, state: 'closed', outOfUseAt: at });
  const { kmsKeyArn, customerId, availability: from } = watch;
  const changed = newFact(keyAvailabilityChanged, ports, {
    at,
    kmsKeyArn,
    customerId,
    from,
    to: verdict.availability,
    evidence: verdict.evidence,
  });
  return {
    writes: [...ended.writes, ...(over ? [{ entityType: 'incident' as const, row: dueWhileOwed(over, at) }] : [])],
    facts: [changed],
  };
}
