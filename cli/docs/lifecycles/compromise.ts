import { compromiseContained } from '../../../events/compromise-contained';
import { compromiseEnded } from '../../../events/compromise-ended';
import { dataStoreCleared } from '../../../events/data-store-cleared';
import { dataStoreExposed } from '../../../events/data-store-exposed';
import { keyCompromised } from '../../../events/key-compromised';
import type { COMPROMISE_MOVES, CONTAINMENT_MOVES, EXPOSURE_MOVES } from '../../../shared/domain/compromise/compromise';
import type { About, Way } from './describe';

const DECLARED: readonly Way[] = [{ by: ['one person'], fact: keyCompromised }];
const CONTAINED: readonly Way[] = [{ by: ['Keywright'], fact: compromiseContained }];
const DATA_KEYS: readonly Way[] = [{ by: ['one person'], fact: compromiseContained }];
const DECLARED_AGAIN: readonly Way[] = [{ by: ['one person'] }];
const STEP: readonly Way[] = [{ by: ['Keywright'] }];

export const COMPROMISE: About<typeof COMPROMISE_MOVES> = {
  title: 'Compromise',
  states: {
    open: {
      entry: 'The key’s row is marked. What contains it is under way, or under way again for new data keys.',
      begins: DECLARED,
      next: { contained: CONTAINED, ended: [{ by: ['Keywright'], fact: compromiseEnded }] },
    },
    contained: {
      entry:
        'Nothing is under the compromised key. Every data key that is to be replaced is marked, and makes no new data.',
      begins: DATA_KEYS,
      next: { ended: [{ by: ['the application'], fact: compromiseEnded }] },
    },
    ended: {
      entry: 'Every affected data store is cleared, or no data key was to be replaced.',
      next: { open: DECLARED_AGAIN },
    },
  },
};

export const CONTAINMENT: About<typeof CONTAINMENT_MOVES> = {
  title: 'Containment of a compromise, by stage',
  states: {
    notify: {
      entry: 'The compromise is declared. Customers whose data stores name the key are notified.',
      begins: DECLARED,
      next: { replace: STEP },
    },
    replace: {
      entry: 'They are notified; or a data store came to name the key again. Another key takes its place.',
      next: { inventory: STEP },
    },
    inventory: {
      entry: 'The key makes no new data keys. Nothing is counted yet: every data key that was under it is, and marked.',
      next: { verify: STEP },
    },
    verify: {
      entry: 'Every segment of the table is read. It is verified that nothing is left under the key.',
      next: { replace: STEP, inventory: DECLARED_AGAIN, over: CONTAINED },
    },
    over: {
      entry: 'It is contained. Nothing is left to do by itself.',
      begins: DATA_KEYS,
      next: { inventory: DECLARED_AGAIN },
    },
  },
};

export const EXPOSURE: About<typeof EXPOSURE_MOVES> = {
  title: 'Exposure of a data store',
  states: {
    exposed: {
      entry: 'The data store names a compromised key, or data keys of it were under one or are compromised themselves.',
      begins: [{ by: ['Keywright', 'one person'], fact: dataStoreExposed }],
      next: { cleared: [{ by: ['the application'], fact: dataStoreCleared }] },
    },
    cleared: {
      entry:
        'A whole scan of the application left no record under a compromised data key. It began after the last one could be used.',
      next: {},
    },
  },
};
