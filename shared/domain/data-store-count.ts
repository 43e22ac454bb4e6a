/**
 * How many data stores name a KMS key: a row of its own that changes in one transaction with them. So whether any does can
 * be read strongly consistent and at once, however large the control table is.
 *
 * It is not part of the key's row, which others hold while data stores move.
 */
import { KeywrightError } from './errors';
import type { ControlStore, Write } from './ports';

export interface DataStoreCount {
  readonly kmsKeyArn: string;
  readonly dataStores: number;
  readonly revision: number;
}

/** The count of a key that is being registered. */
export const firstCount = (kmsKeyArn: string, dataStores: number): Write => ({
  noun: 'data-store-count',
  row: { kmsKeyArn, dataStores, revision: 0 },
});

/**
 * What is written along with so many data stores that come to name the key, or, with a minus, name it no more.
 *
 * @throws KeywrightError `state.not-found`: the key is not registered.
 */
export async function recounted(
  kmsKeyArn: string,
  more: number,
  { control }: { readonly control: Pick<ControlStore, 'find'> },
): Promise<readonly Write[]> {
  if (more === 0) return [];
  const row = await control.find('data-store-count', kmsKeyArn);
  if (!row) throw new KeywrightError('state.not-found', 'The data stores of the key are not counted.', { kmsKeyArn });
  return [{ noun: 'data-store-count', row: { ...row, dataStores: row.dataStores + more } }];
}
