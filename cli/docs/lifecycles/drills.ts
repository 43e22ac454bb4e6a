import { drillDue } from '../../../events/drill-due';
import { drillEnded } from '../../../events/drill-ended';
import type { DRILL_MOVES } from '../../../shared/domain/drills/drill';
import type { About, Way } from './describe';

const BY_ITSELF: readonly Way[] = [{ by: ['Keywright'] }];
const ENDED: readonly Way[] = [{ by: ['Keywright'], fact: drillEnded }];

export const DRILL: About<typeof DRILL_MOVES> = {
  title: 'Drill',
  states: {
    due: {
      entry:
        'Somebody asked for it, or its week has come. It begins once no other is under way and the key of drills is well.',
      begins: [{ by: ['one person'], fact: drillDue }, { by: ['Keywright'] }],
      next: { provoked: BY_ITSELF, failed: ENDED },
    },
    provoked: {
      entry: 'The key of drills names it, and is taken away after this.',
      next: { lost: BY_ITSELF, returning: BY_ITSELF },
    },
    lost: { entry: 'An incident of the key is open that names the drill.', next: { returning: BY_ITSELF } },
    returning: {
      entry: 'The page was taken, or is no longer waited for. The key is given back after this, until it is.',
      next: { passed: ENDED, failed: ENDED },
    },
    passed: { entry: 'Every target was met.', next: {} },
    failed: { entry: 'A target was missed, and on-call is owed a warning that names it.', next: {} },
  },
};
