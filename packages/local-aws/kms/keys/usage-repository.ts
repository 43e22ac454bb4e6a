/**
 * The last successful use of each key, for GetKeyLastUsage. Uses are kept in memory and written at most once a second:
 * a killed process may forget the last second of it, and nothing else depends on it.
 */
import type { Clock } from '../../clock';
import type { Store } from '../../store';

export interface LastUsage {
  readonly operation: string;
  readonly atMs: number;
  readonly requestId: string;
}

export interface UsageRepository {
  record(keyArn: string, usage: LastUsage): void;
  lastOf(keyArn: string): LastUsage | undefined;
  forget(keyArn: string): void;
  /** Writes what is new, when a second has passed since the last time. */
  flush(): void;
}

const FLUSH_MS = 1000;

export function usageRepository(store: Store, clock: Clock): UsageRepository {
  const rows = store.table<LastUsage>('kms-usage');
  const fresh = new Map<string, LastUsage>();
  let flushedAtMs = clock.now();

  return {
    record: (keyArn, usage) => fresh.set(keyArn, usage),
    lastOf: (keyArn) => fresh.get(keyArn) ?? rows.get(keyArn),
    forget(keyArn) {
      fresh.delete(keyArn);
      rows.delete(keyArn);
    },
    flush() {
      if (fresh.size === 0 || clock.now() - flushedAtMs < FLUSH_MS) return;
      flushedAtMs = clock.now();
      for (const [keyArn, usage] of fresh) rows.set(keyArn, usage);
      fresh.clear();
    },
  };
}
