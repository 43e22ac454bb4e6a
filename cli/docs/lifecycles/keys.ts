import { customerOnboarded } from '../../../events/customer-onboarded';
import { keyRetired } from '../../../events/key-retired';
import { keyRotated } from '../../../events/key-rotated';
import { retirementAdvanced } from '../../../events/retirement-advanced';
import type { KEY_MOVES } from '../../../shared/domain/keys/kms-key';
import type { About, Way } from './describe';

const BACK_IN_USE: readonly Way[] = [{ by: ['one person', 'Keywright', 'outside'], fact: retirementAdvanced }];

export const KEY: About<typeof KEY_MOVES> = {
  title: 'KMS key',
  states: {
    active: {
      entry: 'KMS makes data keys under it. Data stores may name it.',
      begins: [
        { by: ['one person'], fact: customerOnboarded },
        { by: ['Keywright'], fact: keyRotated, later: true },
      ],
      next: { retiring: [{ by: ['Keywright'], fact: keyRotated, later: true }] },
    },
    retiring: {
      entry: 'Another key has taken its place, or it was brought back into use. It still unwraps what is under it.',
      next: { disabled: [{ by: ['Keywright', 'two people'], fact: keyRetired, later: true }] },
    },
    disabled: {
      entry: 'It was verified that nothing needs it. KMS is asked to disable it, or has disabled it.',
      next: {
        retiring: BACK_IN_USE,
        'deletion-scheduled': [{ by: ['two people'], fact: retirementAdvanced, later: true }],
      },
    },
    'deletion-scheduled': {
      entry: 'Two people approved its deletion, and their approval is used. KMS is asked to delete it.',
      next: {
        retiring: BACK_IN_USE,
        disabled: [
          { by: ['one person', 'outside'], fact: retirementAdvanced },
          { by: ['Keywright'], fact: retirementAdvanced, later: true },
        ],
      },
    },
  },
};
