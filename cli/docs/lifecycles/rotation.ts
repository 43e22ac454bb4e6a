import { customerRotationRequested } from '../../../events/customer-rotation-requested';
import { dataKeysReencrypted } from '../../../events/data-keys-reencrypted';
import { keyMaterialRequested } from '../../../events/key-material-requested';
import { keyRotated } from '../../../events/key-rotated';
import { rotationBlocked } from '../../../events/rotation-blocked';
import { rotationDue } from '../../../events/rotation-due';
import { rotationStrategyChanged } from '../../../events/rotation-strategy-changed';
import type { ROTATION_MOVES } from '../../../shared/domain/rotation/rotation';
import type { About, Way } from './describe';

const SEEN: readonly Way[] = [{ by: ['outside'], fact: keyRotated }];
const ROTATED: readonly Way[] = [{ by: ['Keywright', 'outside'], fact: keyRotated }];
const BLOCKED: readonly Way[] = [{ by: ['Keywright'], fact: rotationBlocked }];
const AGAIN: readonly Way[] = [
  { by: ['Keywright'], fact: rotationDue },
  { by: ['Keywright'], fact: rotationStrategyChanged },
  { by: ['Keywright'], fact: keyMaterialRequested },
];

export const ROTATION: About<typeof ROTATION_MOVES> = {
  title: 'Rotation',
  states: {
    requested: {
      entry:
        'The key names it as its open rotation. It is to begin, or to go on by another strategy; or somebody is asked to do their part.',
      begins: [{ by: ['Keywright', 'one person'], fact: rotationDue }],
      next: { rotating: [{ by: ['Keywright'] }], rotated: SEEN, done: SEEN, blocked: BLOCKED },
    },
    rotating: {
      entry:
        'KMS is asked, or set, to rotate the key; or another key has taken its place, and data stores move to that one.',
      next: { requested: AGAIN, rotated: ROTATED, done: ROTATED, blocked: BLOCKED },
    },
    blocked: {
      entry: 'It cannot go on by itself. The row says what somebody has to do.',
      next: {
        requested: [...AGAIN, { by: ['Keywright'], fact: customerRotationRequested }],
        rotating: [{ by: ['Keywright'] }],
        rotated: ROTATED,
        done: ROTATED,
      },
    },
    rotated: {
      entry:
        'New data keys are made under the new material or key. The key is free for its next rotation. Old data keys are to be re-encrypted.',
      begins: SEEN,
      next: { done: [{ by: ['Keywright'], fact: dataKeysReencrypted }, { by: ['Keywright'] }] },
    },
    done: {
      entry: 'The data keys are re-encrypted, or the policy asks for no re-encryption, or the key has retired.',
      begins: SEEN,
      next: {},
    },
  },
};
