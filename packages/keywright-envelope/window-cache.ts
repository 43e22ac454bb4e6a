/**
 * Answers that may be used again for a while, in this process and nowhere else.
 *
 * Bounded in number and time. Many callers that need the same answer cause one load. A window is counted from when its
 * load began, so that however long an answer took, it is never used for longer than the window after it was asked for;
 * only the caller who asked may use one that came later than that.
 */
import { KeywrightError } from '../../shared/domain/errors';

export interface WindowCache<Value> {
  /**
   * The answer of that name, loaded at most once for all who ask meanwhile. A failed load is not kept.
   *
   * @throws what `load` throws; KeywrightError `state.changed-meanwhile` (retry) when each answer was forgotten before
   * it came.
   */
  get(name: string, load: () => Promise<Value>): Promise<Value>;
  /** The answer of that name if it is here and may be used. */
  peek(name: string): Value | undefined;
  /** From this moment nobody is given an answer that fits, not even one that is only on its way. */
  forget(fits: (value: Value) => boolean): void;
}

interface Entry<Value> {
  readonly loaded: Promise<Value>;
  readonly begunAtMs: number;
  value?: Value;
  /** What was forgotten while it was on its way. */
  readonly refused: ((value: Value) => boolean)[];
  isForgotten: boolean;
}

/** How often a caller waits for what proves to be over or forgotten when it comes. */
const ATTEMPTS = 4;

/** @param limits `windowMs` 0: every call loads for itself, and nothing is kept. */
export function windowCache<Value>(limits: {
  readonly windowMs: number;
  readonly entriesMax: number;
  readonly nowMs: () => number;
}): WindowCache<Value> {
  const { windowMs, entriesMax, nowMs } = limits;
  /** In the order in which they began, so that the first is the one whose window ends first. */
  const entries = new Map<string, Entry<Value>>();
  const loading = new Set<Entry<Value>>();

  // A clock that was set back ends the window, too.
  const isFresh = ({ begunAtMs }: Entry<Value>, now = nowMs()) => begunAtMs <= now && now < begunAtMs + windowMs;

  const fresh = (name: string) => {
    const entry = entries.get(name);
    return entry && isFresh(entry) ? entry : undefined;
  };

  const makeRoom = () => {
    const now = nowMs();
    for (const [name, entry] of entries) {
      if (isFresh(entry, now) && entries.size < entriesMax) return;
      entries.delete(name);
    }
  };

  function begin(name: string, load: () => Promise<Value>): Entry<Value> {
    const entry: Entry<Value> = { begunAtMs: nowMs(), loaded: load(), refused: [], isForgotten: false };
    loading.add(entry);
    entries.delete(name);
    makeRoom();
    if (windowMs > 0) entries.set(name, entry);
    const drop = () => {
      if (entries.get(name) === entry) entries.delete(name);
    };
    entry.loaded
      .then((value) => {
        entry.value = value;
        entry.isForgotten = entry.refused.some((fits) => fits(value));
        if (entry.isForgotten) drop();
      }, drop)
      .finally(() => loading.delete(entry));
    return entry;
  }

  return {
    async get(name, load) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const joined = attempt < ATTEMPTS ? fresh(name) : undefined;
        const entry = joined ?? begin(name, load);
        const value = await entry.loaded;
        if (!entry.isForgotten && (!joined || isFresh(joined))) return value;
      }
      throw new KeywrightError('state.changed-meanwhile', 'Each answer was forgotten before it came: ask again.');
    },
    peek: (name) => fresh(name)?.value,
    forget(fits) {
      for (const [name, entry] of entries) {
        if (entry.value === undefined || !fits(entry.value)) continue;
        entry.isForgotten = true;
        entries.delete(name);
      }
      for (const entry of loading) entry.refused.push(fits);
    },
  };
}
