/** What is written along with data stores that come to name a KMS key, or name it no more. */
import type { ControlStore, Write } from '../ports';

/** The count of a key that is being registered. A key that was registered without one stays uncounted, and is never retired. */
export const firstCount = (kmsKeyArn: string, dataStores: number): Write => ({
  entityType: 'data-store-count',
  row: { kmsKeyArn, dataStores, revision: 0 },
});

/** What is written along with so many data stores that come to name the key, or, with a minus, name it no more. */
export async function recounted(
  kmsKeyArn: string,
  more: number,
  { control }: { readonly control: Pick<ControlStore, 'find'> },
): Promise<readonly Write[]> {
  const row = more === 0 ? undefined : await control.find('data-store-count', kmsKeyArn);
  return row === undefined
    ? []
    : [{ entityType: 'data-store-count', row: { ...row, dataStores: row.dataStores + more } }];
}
