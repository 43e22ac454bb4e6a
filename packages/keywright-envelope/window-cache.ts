/**
 * Answers that may be used again for a while, in this process and nowhere else.
 *
 * Bounded in number and time. Many callers that need the same answer cause one load. A window is counted from when its
 * load began, so that however long an answer took, it is never used for longer than the window after it was asked for;
 * only the caller who asked may use one that came later than that. How long a window is depends on whose the answer is,
 * and may change: what counts is how long it is when the answer is to be used. What is over is not kept in memory, either.
 */
import { KeywrightError } from '../../shared/domain/errors';

/** An answer, and whose it is. */
export interface Named {
  readonly name: string;
  readonly owner: string;
}

export interface WindowCache<Value> {
  /**
   * The answer of that name, loaded at most once for all who ask meanwhile. A failed load is not kept.
   *
   * @throws what `load` throws; KeywrightError `state.changed-meanwhile` (retry) when each answer was forgotten before
   * it came.
   */
  get(named: Named, load: () => Promise<Value>): Promise<Value>;
  /** The answer of that name if it is here and may be used. */
  peek(name: string): Value | undefined;
  /** From this moment nobody is given an answer that fits, not even one that is only on its way. */
  forget(fits: (value: Value) => boolean): void;
}

interface Entry<Value> {
  readonly owner: string;
  readonly loaded: Promise<Value>;
  readonly begunAtMs: number;
  value?: Value;
  /** What was forgotten while it was on its way. */
  readonly refused: ((value: Value) => boolean)[];
  isForgotten: boolean;
}

/** How often a caller waits for what proves to be over or forgotten when it comes. */
const ATTEMPTS = 4;

/** How long an answer whose window is over stays in memory. */
const SWEEP_MS = 1_000;

/** Keeps no process alive that has nothing else to do. */
const byTimer = (run: () => void, ms: number): void => {
  setTimeout(run, ms).unref();
};

export interface CacheLimits {
  /** Of an owner, as it is now. 0: every call loads for itself, and nothing is kept. */
  readonly windowMs: (owner: string) => number;
  readonly entriesMax: number;
  readonly nowMs: () => number;
  /** Runs it once, some time later. */
  readonly later?: (run: () => void, ms: number) => void;
}

/** A cache in the memory of this process. */
export function windowCache<Value>({ windowMs, entriesMax, nowMs, later = byTimer }: CacheLimits): WindowCache<Value> {
  /** In the order in which they began. */
  const entries = new Map<string, Entry<Value>>();
  const loading = new Set<Entry<Value>>();

  // A clock that was set back ends the window, too.
  const isFresh = ({ begunAtMs, owner }: Entry<Value>, now = nowMs()) =>
    begunAtMs <= now && now < begunAtMs + windowMs(owner);

  const fresh = (name: string) => {
    const entry = entries.get(name);
    return entry && isFresh(entry) ? entry : undefined;
  };

  const makeRoom = () => {
    const [oldest] = entries.keys();
    if (entries.size >= entriesMax && oldest !== undefined) entries.delete(oldest);
  };

  let isSweepDue = false;
  function sweepLater(): void {
    if (isSweepDue || entries.size === 0) return;
    isSweepDue = true;
    later(sweep, SWEEP_MS);
  }

  function sweep(): void {
    isSweepDue = false;
    const now = nowMs();
    for (const [name, entry] of entries) if (!isFresh(entry, now)) entries.delete(name);
    sweepLater();
  }

  function keep(name: string, entry: Entry<Value>): void {
    entries.delete(name);
    makeRoom();
    if (windowMs(entry.owner) > 0) entries.set(name, entry);
    sweepLater();
  }

  function begin({ name, owner }: Named, load: () => Promise<Value>): Entry<Value> {
    const entry: Entry<Value> = { owner, begunAtMs: nowMs(), loaded: load(), refused: [], isForgotten: false };
    loading.add(entry);
    keep(name, entry);
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
    async get(named, load) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const joined = attempt < ATTEMPTS ? fresh(named.name) : undefined;
        const entry = joined ?? begin(named, load);
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
