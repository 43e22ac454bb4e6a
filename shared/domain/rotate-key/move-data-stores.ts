/** Data stores that name a key are made to name the key that took its place. */
import type { DataStore } from '../customer';
import { decideAnew } from '../decide-anew';
import type { ControlStore } from '../ports';
import { dataStoreKey } from '../rows';

/** How many data stores change together: enough for speed, few enough that a lost race costs little. */
const TOGETHER = 25;

/**
 * Moves every data store that the index shows. Safe to repeat. One that the index did not show yet is found by the next
 * call, at the latest when the old key is asked to retire.
 *
 * @returns how many were moved.
 */
export async function moveDataStores(
  from: string,
  to: string,
  { control }: { readonly control: ControlStore },
): Promise<number> {
  let moved = 0;
  let together: DataStore[] = [];
  const move = async () => {
    moved += await moveTogether(together, from, to, control);
    together = [];
  };
  for await (const dataStore of control.ofKmsKey('data-store', from)) {
    together.push(dataStore);
    if (together.length === TOGETHER) await move();
  }
  await move();
  return moved;
}

async function moveTogether(seen: readonly DataStore[], from: string, to: string, control: ControlStore) {
  return decideAnew(async () => {
    const ids = seen.map(({ customerId, dataStoreId }) => dataStoreKey(customerId, dataStoreId));
    const rows = await Promise.all(ids.map((id) => control.find('data-store', id)));
    const writes = rows.flatMap((row) =>
      row?.kmsKeyArn === from ? [{ noun: 'data-store', row: { ...row, kmsKeyArn: to } } as const] : [],
    );
    await control.commit({ writes, facts: [] });
    return writes.length;
  });
}
