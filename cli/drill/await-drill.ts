/** Waits until a drill is over, and tells what happens meanwhile. */
import type { ShownDrill } from '../../shared/domain/api/drills';
import { isDrillOver } from '../../shared/domain/drills/drill';
import type { Api } from '../operate/api';

const LOOK_MS = 1_000;

/** It takes some two minutes, and waits for those before it. The drill goes on where nobody waits for it. */
const WAIT_MAX_MS = 30 * 60_000;

/**
 * @param tell Called with the drill whenever it has come to another state.
 * @returns the drill as it was last seen: not over where it took longer than half an hour.
 * @throws ApiRefusal
 */
export async function awaitDrill(
  first: ShownDrill,
  api: Api,
  tell: (drill: ShownDrill) => void,
  lookMs = LOOK_MS,
): Promise<ShownDrill> {
  let drill = first;
  tell(drill);
  for (let waitedMs = 0; !isDrillOver(drill) && waitedMs < WAIT_MAX_MS; waitedMs += lookMs) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    const { drill: now } = await api.call<{ drill: ShownDrill }>('show-drill', { drillId: drill.drillId });
    if (now.state !== drill.state) tell(now);
    drill = now;
  }
  return drill;
}
