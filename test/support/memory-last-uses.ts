/** When keys were last used, in memory. */
import type { LastUses } from '../../shared/domain/retire-key/uses';

export function memoryLastUses(): LastUses {
  const uses = new Map<string, string>();
  return {
    async note(kmsKeyArn, at) {
      const before = uses.get(kmsKeyArn);
      if (before === undefined || before < at) uses.set(kmsKeyArn, at);
    },
    of: async (kmsKeyArn) => uses.get(kmsKeyArn),
  };
}
