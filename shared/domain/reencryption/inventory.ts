/** How many data keys are under a KMS key, by the material that they are wrapped under. */
import { SHARDS } from '../keys/data-key';
import type { KmsKey } from '../keys/kms-key';
import type { DataKeyStore } from '../keys/ports';

export interface InventoryLine {
  readonly keyMaterialId: string;
  /** What new data keys are wrapped under. */
  readonly isNewest: boolean;
  readonly dataKeys: number;
}

/**
 * Counts by the index, the newest material first: quick, and what was written in the last moments may be missing. What a
 * key has left behind and holds nothing any more is counted as zero.
 */
export async function inventoryOf(
  { kmsKeyArn, keyMaterialId: newest, olderMaterialIds = [] }: KmsKey,
  { dataKeys }: { readonly dataKeys: Pick<DataKeyStore, 'countUnder'> },
): Promise<readonly InventoryLine[]> {
  const materials = [newest, ...[...olderMaterialIds].reverse()];
  return Promise.all(
    materials.map(async (keyMaterialId) => ({
      keyMaterialId,
      isNewest: keyMaterialId === newest,
      dataKeys: await countUnder({ kmsKeyArn, keyMaterialId }, dataKeys),
    })),
  );
}

async function countUnder(
  wrapping: { readonly kmsKeyArn: string; readonly keyMaterialId: string },
  dataKeys: Pick<DataKeyStore, 'countUnder'>,
): Promise<number> {
  const counts = Array.from({ length: SHARDS }, (_, shard) => dataKeys.countUnder(wrapping, shard));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
