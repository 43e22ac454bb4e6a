/** Parked work, in memory. */
import { KeywrightError } from '../../shared/domain/errors';
import type { Park } from '../../shared/domain/ports';

interface Parked {
  readonly body: string;
  readonly reason: Readonly<Record<string, unknown>>;
  readonly group?: string;
}

export interface MemoryPark extends Park {
  readonly parked: readonly Parked[];
  /** From now on nothing is taken. */
  breakDown(): void;
}

export function memoryPark(): MemoryPark {
  const parked: Parked[] = [];
  let isDown = false;
  return {
    parked,
    breakDown() {
      isDown = true;
    },
    async park(body, reason, group) {
      if (isDown) throw new KeywrightError('queue.not-sent', 'The queue did not answer.');
      parked.push({ body, reason, ...(group !== undefined && { group }) });
    },
  };
}
