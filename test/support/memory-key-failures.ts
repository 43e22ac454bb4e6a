/** Failures of keys as they are reported, in memory. */
import type { KeyFailure, KeyFailures } from '../../shared/domain/availability/key-failure';
import { KeywrightError } from '../../shared/domain/errors';

export interface MemoryKeyFailures extends KeyFailures {
  /** Every report that was taken, in order. */
  readonly reported: readonly (readonly [kmsKeyArn: string, failure: KeyFailure])[];
  down(isDown: boolean): void;
}

export function memoryKeyFailures(): MemoryKeyFailures {
  const reported: (readonly [string, KeyFailure])[] = [];
  let isDown = false;
  return {
    reported,
    down(nowDown) {
      isDown = nowDown;
    },
    async report(kmsKeyArn, failure) {
      if (isDown) throw new KeywrightError('store.unreachable', 'no answer');
      reported.push([kmsKeyArn, failure]);
    },
  };
}
