import { dataKeysReencrypted } from '../../../events/data-keys-reencrypted';
import { reencryptionBatchDue } from '../../../events/reencryption-batch-due';
import { reencryptionChanged } from '../../../events/reencryption-changed';
import type { JOB_MOVES, SHARD_MOVES } from '../../../shared/domain/reencryption/reencryption';
import type { About, Way } from './describe';

const PAUSED: readonly Way[] = [{ by: ['one person'], fact: reencryptionChanged }];
const CANCELLED: readonly Way[] = [{ by: ['one person', 'Keywright'], fact: reencryptionChanged }];

export const JOB: About<typeof JOB_MOVES> = {
  title: 'Re-encryption job',
  states: {
    running: {
      entry:
        'Both keys name it and are kept in use. The next batch of each shard is asked for, once its window is open.',
      begins: [{ by: ['Keywright', 'one person'], fact: reencryptionBatchDue }],
      next: {
        parked: [{ by: ['Keywright'], fact: reencryptionChanged }],
        paused: PAUSED,
        done: [{ by: ['Keywright'], fact: dataKeysReencrypted }],
        cancelled: CANCELLED,
      },
    },
    parked: {
      entry: 'A key cannot be used. Each shard is as its last batch left it. It goes on by itself.',
      next: {
        running: [{ by: ['one person', 'Keywright'], fact: reencryptionChanged }],
        paused: PAUSED,
        cancelled: CANCELLED,
      },
    },
    paused: {
      entry: 'A person stopped it. Batches that are under way end, and none begins.',
      next: { running: PAUSED, cancelled: CANCELLED },
    },
    done: {
      entry: 'Every shard has read all of its data keys by consistent reads. The keys are released.',
      next: {},
    },
    cancelled: {
      entry: 'What was re-encrypted stays so, the rest stays as it was. The keys are released.',
      next: {},
    },
  },
};

const OVER: readonly Way[] = [{ by: ['Keywright'], fact: dataKeysReencrypted, later: true }];

export const SHARD: About<typeof SHARD_MOVES> = {
  title: 'Shard of a re-encryption job',
  states: {
    index: {
      entry: 'Its data keys are found by the index.',
      begins: [{ by: ['Keywright'], fact: reencryptionBatchDue }],
      next: { scan: [{ by: ['Keywright'], fact: reencryptionBatchDue }], done: OVER },
    },
    scan: {
      entry: 'The index shows no more. Its segment of the table is read by consistent reads.',
      next: { done: OVER },
    },
    done: {
      entry: 'Its segment is read to the end. A batch that it has in hand is still worked.',
      next: {},
    },
  },
};
