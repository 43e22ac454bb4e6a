/**
 * Plaintext data keys, kept for a short while in this process and nowhere else.
 *
 * Bounded in number and time; many callers that need the same data key cause one load; what leaves is overwritten. How
 * long a key that its customer took away keeps working here is the window, and nothing longer.
 */

export interface CachedDataKey {
  readonly dataKeyId: string;
  readonly kmsKeyArn: string;
  /** Somebody else may know it: it serves to read, and what is read with it is to be protected anew. */
  readonly isCompromised: boolean;
  /** 32 bytes. */
  readonly plaintext: Uint8Array;
  readonly authenticatedData: Uint8Array;
  /** Messages protected with it by this process. */
  uses: number;
}

interface Entry {
  readonly loaded: Promise<CachedDataKey>;
  readonly until: number;
}

export interface DataKeyCache {
  /** The data key under that name, loaded at most once for all who ask meanwhile. A failed load is not kept. */
  get(name: string, load: () => Promise<CachedDataKey>): Promise<CachedDataKey>;
  /** Forgets what is kept under that name; the next caller loads anew. */
  forget(name: string): void;
  /** Forgets every data key that is wrapped under this KMS key; all of them without one. */
  flush(kmsKeyArn?: string): void;
}

export function dataKeyCache(limits: {
  readonly windowMs: number;
  readonly keysMax: number;
  readonly nowMs: () => number;
}): DataKeyCache {
  const entries = new Map<string, Entry>();

  const drop = (name: string) => {
    const entry = entries.get(name);
    entries.delete(name);
    // Overwriting waits a turn, so that a caller that has just been handed the key has used it.
    entry?.loaded.then((key) => setImmediate(() => key.plaintext.fill(0))).catch(() => undefined);
  };
  const makeRoom = () => {
    for (const oldest of entries.keys()) {
      if (entries.size < limits.keysMax) return;
      drop(oldest);
    }
  };

  return {
    get(name, load) {
      const kept = entries.get(name);
      if (kept && kept.until > limits.nowMs()) return kept.loaded;
      if (kept) drop(name);
      makeRoom();
      const loaded = load();
      const entry = { loaded, until: limits.nowMs() + limits.windowMs };
      entries.set(name, entry);
      loaded.catch(() => entries.get(name) === entry && entries.delete(name));
      return loaded;
    },
    forget: drop,
    flush(kmsKeyArn) {
      for (const [name, entry] of entries) {
        entry.loaded
          .then((key) => {
            if ((!kmsKeyArn || key.kmsKeyArn === kmsKeyArn) && entries.get(name) === entry) drop(name);
          })
          .catch(() => undefined);
      }
    },
  };
}
