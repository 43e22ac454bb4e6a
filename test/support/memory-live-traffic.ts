/** A working count of live calls in memory. */
import type { LiveCount, LiveTraffic } from '../../shared/domain/reencryption/quota/ports';

export function memoryLiveTraffic(nowMs: () => number): LiveTraffic {
  const counts = new Map<string, LiveCount>();
  return {
    count: async (quotaId) => counts.get(quotaId),
    async report(quotaId, { calls, throttled, latencyMs }) {
      const before = counts.get(quotaId) ?? { calls: 0, throttled: 0, latencyMs: 0 };
      counts.set(quotaId, {
        calls: before.calls + calls,
        throttled: before.throttled + throttled,
        latencyMs: before.latencyMs + latencyMs,
        reportedAtMs: nowMs(),
      });
    },
  };
}
