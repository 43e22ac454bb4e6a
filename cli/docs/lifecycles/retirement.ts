import { approvalChanged } from '../../../events/approval-changed';
import { backupChanged } from '../../../events/backup-changed';
import { retirementAdvanced } from '../../../events/retirement-advanced';
import { retirementDue } from '../../../events/retirement-due';
import type { APPROVAL_MOVES } from '../../../shared/domain/retirement/approval';
import type { BACKUP_MOVES } from '../../../shared/domain/retirement/declared-backup';
import type { RETIREMENT_MOVES } from '../../../shared/domain/retirement/retirement';
import type { About, Actor, Way } from './describe';

const advanced = (...by: readonly Actor[]): readonly Way[] => [{ by, fact: retirementAdvanced }];

export const RETIREMENT: About<typeof RETIREMENT_MOVES> = {
  title: 'Retirement of a KMS key',
  states: {
    watching: {
      entry: 'The key is in use as far as we know. What still needs it is looked for.',
      begins: [{ by: ['Keywright'] }, { by: ['one person'], fact: retirementDue }],
      next: { quiet: advanced('Keywright'), 'disable-due': advanced('Keywright') },
    },
    quiet: {
      entry: 'It was verified that nothing references the key. Uses are listened for from the next hour on.',
      begins: advanced('Keywright'),
      next: { watching: advanced('one person', 'Keywright'), 'disable-due': advanced('Keywright') },
    },
    'disable-due': {
      entry:
        'Nobody used the key for its days, and nothing references it: a certificate says so. It is disabled next, or two people are waited for.',
      begins: advanced('Keywright'),
      next: {
        watching: advanced('one person', 'Keywright', 'outside'),
        quiet: advanced('outside'),
        disabled: advanced('Keywright', 'two people'),
        deleted: advanced('outside'),
      },
    },
    disabled: {
      entry:
        'KMS has disabled the key, and after that it was verified once more that nothing needs it; or its deletion was called off.',
      next: {
        watching: advanced('one person', 'Keywright', 'outside'),
        deletable: advanced('Keywright'),
        deleted: advanced('outside'),
      },
    },
    deletable: {
      entry:
        'Nobody missed the disabled key for its days, and nothing references it: a certificate says so. Two people may have it deleted.',
      next: {
        watching: advanced('one person', 'Keywright', 'outside'),
        disabled: advanced('one person', 'outside'),
        'deletion-scheduled': advanced('two people'),
        deleted: advanced('outside'),
      },
    },
    'deletion-scheduled': {
      entry:
        'KMS deletes the key on a date, and has said so. After that it was verified once more that nothing needs the key.',
      next: {
        watching: advanced('one person', 'Keywright', 'outside'),
        disabled: advanced('one person', 'outside'),
        deleted: advanced('outside'),
      },
    },
    deleted: { entry: 'KMS knows the key no more.', next: {} },
  },
};

const asked: readonly Way[] = [{ by: ['one person'], fact: approvalChanged }];

export const APPROVAL: About<typeof APPROVAL_MOVES> = {
  title: 'Approval of a step of a retirement',
  states: {
    requested: {
      entry: 'One person, who proved who they are, asked for the step on the key’s last certificate.',
      begins: asked,
      next: { approved: [{ by: ['two people'], fact: approvalChanged }] },
    },
    approved: {
      entry: 'Another person, who proved who they are, approved it for the same certificate. It runs out.',
      next: { requested: asked, used: [{ by: ['Keywright'], fact: retirementAdvanced, later: true }] },
    },
    used: {
      entry: 'The step is carried out on it. It serves no second time.',
      next: { requested: asked },
    },
  },
};

const declared: readonly Way[] = [{ by: ['one person'], fact: backupChanged }];

export const BACKUP: About<typeof BACKUP_MOVES> = {
  title: 'Declared backup',
  states: {
    kept: {
      entry: 'The key was put back into use if it was not, and is not retired until the date has passed.',
      begins: declared,
      next: { released: declared },
    },
    released: { entry: 'The key names it no more.', next: { kept: declared } },
  },
};
