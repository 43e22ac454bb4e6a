/** Data stores that name a KMS key are made to name another one. */

import type { DataStoreName } from '../customers/customer';
import type { ControlStore } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { dataStoreKey } from '../rows';
import { recounted } from './count-data-stores';

/** How many data stores change together: enough for speed, few enough that a lost race costs little. */
const TOGETHER = 25;

/** From one KMS key to another: every data store, or one. */
export interface DataStoreMove {
  readonly kmsKeyArn: string;
  readonly toKmsKeyArn: string;
  readonly within?: DataStoreName | undefined;
}

interface MovePorts {
  readonly control: ControlStore;
}

/**
 * Moves every data store that the index shows, or the one that is meant. Safe to repeat. One that the index did not show
 * yet is found by the next call, at the latest when the old key is asked to retire.
 *
 * @returns how many were moved.
 */
export async function moveDataStores(move: DataStoreMove, ports: MovePorts): Promise<number> {
  if (move.within) return moveTogether([move.within], move, ports);
  let moved = 0;
  let together: DataStoreName[] = [];
  for await (const dataStore of ports.control.ofKmsKey('data-store', move.kmsKeyArn)) {
    together.push(dataStore);
    if (together.length < TOGETHER) continue;
    moved += await moveTogether(together, move, ports);
    together = [];
  }
  return moved + (await moveTogether(together, move, ports));
}

async function moveTogether(
  names: readonly DataStoreName[],
  { kmsKeyArn, toKmsKeyArn }: DataStoreMove,
  { control }: MovePorts,
): Promise<number> {
  return retryOnConflict(async () => {
    const ids = names.map(({ customerId, dataStoreId }) => dataStoreKey(customerId, dataStoreId));
    const rows = await Promise.all(ids.map((id) => control.find('data-store', id)));
    const writes = rows.flatMap((row) =>
      row?.kmsKeyArn === kmsKeyArn
        ? [{ entityType: 'data-store', row: { ...row, kmsKeyArn: toKmsKeyArn } } as const]
        : [],
    );
    const { length: moved } = writes;
    const counts = await Promise.all([
      recounted(kmsKeyArn, -moved, { control }),
      recounted(toKmsKeyArn, moved, { control }),
    ]);
    await control.commit({ writes: [...writes, ...counts.flat()], facts: [] });
    return moved;
  });
}
