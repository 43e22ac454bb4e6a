/** When keys were last used, in memory. */
import type { LastUses } from '../../shared/domain/retirement/verify/usage-sources';

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
