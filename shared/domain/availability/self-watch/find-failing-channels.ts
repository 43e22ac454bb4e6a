/** Channels that have taken no page for long, on-call's and customers': the others go on, and one way less is left. */
import { elapsedMs, MINUTE_MS } from '../../instants';
import { channelIdOf } from '../paging/channel';
import type { Finder } from './finder';

/** Pages that were not taken are sent again every minute: this is no hiccup. */
const FAILING_MS = 10 * MINUTE_MS;

/** Owners read in a run, those whose channels have failed the longest first. */
const READ_MAX = 200;

export const findFailingChannels: Finder = {
  speaksFor: ['channel-failing'],
  async find({ control, clock }) {
    const now = clock.now();
    const rows = await control.due('page-channels', now, READ_MAX);
    const failing = rows.flatMap(({ owner, failing = {} }) =>
      Object.entries(failing).map(([name, { since, reason }]) => ({ owner, name, since, reason })),
    );
    return {
      found: failing
        .filter(({ since }) => elapsedMs(since, now) >= FAILING_MS)
        .map(({ owner, name, since, reason }) => ({
          trouble: 'channel-failing',
          subject: channelIdOf(owner, name),
          since,
          evidence: `its last page was not taken: ${reason}`,
        })),
      isWhole: rows.length < READ_MAX,
    };
  },
};
