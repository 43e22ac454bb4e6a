/** name-actor: who acted is filled in where their event came after the verdict. Channels show it; nobody is paged for it. */
import type { Clock, ControlStore, Write } from '../ports';
import { openIncidentOf } from './incidents/find-incidents';
import { actBehind, isSameAct } from './key-acts';
import type { KeyWatch } from './key-watch';
import { dueWhileOwed, isClaimed } from './paging/owed-page';

export interface ActorPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
}

/** What is to be written; nothing where no event tells anything new of the open loss. Throws what the store throws. */
export async function actorWrites(watch: KeyWatch, ports: ActorPorts): Promise<readonly Write[]> {
  const { control, clock } = ports;
  const open = watch.acts && (await openIncidentOf(watch, ports));
  if (open?.state !== 'open') return [];
  const actedBy = actBehind(open.cause, watch, watch.verdict.at);
  if (!actedBy || (open.actedBy && isSameAct(open.actedBy, actedBy))) return [];
  const now = clock.now();
  const incident = { entityType: 'incident', row: dueWhileOwed({ ...open, actedBy }, now) } as const;
  const delivery = await control.find('page-delivery', open.incidentId);
  // Whoever is sending sees it when they note what was taken; to change their row would have them send it again.
  if (!delivery || isClaimed(delivery.claimedUntil, now)) return [incident];
  return [incident, { entityType: 'page-delivery', row: { ...delivery, dueAt: now } }];
}
