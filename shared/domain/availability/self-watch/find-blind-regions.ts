/** What keeps us from seeing keys: from the rows of keys out of sight, the longest first. */
import { later, utc } from '../../instants';
import type { BlindSpot } from '../blind-spot';
import type { Trouble } from '../incidents/trouble';
import type { Finder } from './finder';
import { type FoundTrouble, troubleWatchId } from './trouble-watch';

/** Rows read in a run. Of more, the longest out of sight are read: an incident that they open says that there are more. */
const SPOTS_MAX = 1_000;

/** So many keys are named. */
const NAMED_MAX = 50;

const MINUTE_MS = 60_000;

/**
 * How many looks, and for how long, tell nothing before it is trouble. A refusal by a policy of our own does not pass by itself;
 * what AWS answers with 5xx, or throttles, mostly does.
 */
const BOUNDS = {
  'own-permissions': { looks: 2, ms: 0 },
  'kms-outage': { looks: 3, ms: 2 * MINUTE_MS },
  'sts-outage': { looks: 3, ms: 2 * MINUTE_MS },
  network: { looks: 3, ms: 2 * MINUTE_MS },
  throttled: { looks: 5, ms: 5 * MINUTE_MS },
  'cannot-tell': { looks: 3, ms: 10 * MINUTE_MS },
} as const satisfies Partial<Record<Trouble, { readonly looks: number; readonly ms: number }>>;
type BlindTrouble = keyof typeof BOUNDS;

export const findBlindRegions: Finder = {
  speaksFor: Object.keys(BOUNDS) as readonly BlindTrouble[],
  async find({ control, clock }) {
    const now = clock.now();
    const spots = await control.due('blind-spot', now, SPOTS_MAX);
    const found = groupsOf(spots).flatMap((group) => troubleOf(group, now));
    return { found, isWhole: spots.length < SPOTS_MAX };
  },
};

/** By trouble and place, in their order. */
function groupsOf(spots: readonly BlindSpot[]): readonly (readonly BlindSpot[])[] {
  const groups = new Map<string, BlindSpot[]>();
  for (const spot of spots) {
    const id = troubleWatchId(spot);
    const group = groups.get(id) ?? [];
    group.push(spot);
    groups.set(id, group);
  }
  return [...groups.values()];
}

/** What the keys come to that one trouble keeps out of sight at one place; none while it may pass. */
function troubleOf(spots: readonly BlindSpot[], now: string): readonly FoundTrouble[] {
  const [longest] = spots;
  if (!longest) return [];
  const { trouble, subject, since, evidence } = longest;
  const bound = BOUNDS[trouble as BlindTrouble] ?? BOUNDS['cannot-tell'];
  const looks = spots.reduce((sum, spot) => sum + spot.looks, 0);
  if (looks < bound.looks || later(since, bound.ms) > now) return [];
  const kmsKeyArns = spots.slice(0, NAMED_MAX).map(({ kmsKeyArn }) => kmsKeyArn);
  const says = `${evidence}; ${looks} looks at ${spots.length} KMS keys told nothing since ${utc(since)}`;
  return [{ trouble, subject, evidence: says, since, kmsKeyArns, keyCount: spots.length }];
}
