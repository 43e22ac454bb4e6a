/** Failures of keys as they are reported, in memory. */
import type { KeyFailures, KeyReport } from '../../shared/domain/availability/key-failure';
import { KeywrightError } from '../../shared/domain/errors';

export interface MemoryKeyFailures extends KeyFailures {
  /** Every report that was taken, in order. */
  readonly reported: readonly (readonly [kmsKeyArn: string, report: KeyReport])[];
  down(isDown: boolean): void;
}

export function memoryKeyFailures(): MemoryKeyFailures {
  const reported: (readonly [string, KeyReport])[] = [];
  let isDown = false;
  return {
    reported,
    down(nowDown) {
      isDown = nowDown;
    },
    async report(kmsKeyArn, report) {
      if (isDown) throw new KeywrightError('store.unreachable', 'no answer');
      reported.push([kmsKeyArn, report]);
    },
  };
}
