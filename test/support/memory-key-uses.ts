/** A working count of uses in memory. */
import type { KeyUses } from '../../shared/domain/rotation/trigger-rotation';

export function memoryKeyUses(): KeyUses {
  const sums = new Map<string, number>();
  return {
    async add({ kmsKeyArn, keyMaterialId }, uses) {
      const name = `${kmsKeyArn}#${keyMaterialId}`;
      const sum = (sums.get(name) ?? 0) + uses;
      sums.set(name, sum);
      return sum;
    },
  };
}
