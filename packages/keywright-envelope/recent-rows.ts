/**
 * Rows of the control table as they were a few seconds ago at the most, for as long as somebody asks for them.
 *
 * A row that is asked for often is read again in the background, and nobody waits. Whoever asks for one that was not read
 * lately waits for a look at it. A table that does not answer changes nothing: the row stays what it was.
 */
export interface RecentRows<Row> {
  /** As last read, with `row` undefined where there was none; undefined where it was never read. */
  last(id: string): { readonly row?: Row | undefined } | undefined;
  /** Whether `last` is recent enough to act on. It is read again, in the background, before it no longer is. */
  isRecent(id: string): boolean;
  /** Waits until `last` is recent, or until it proves, within a second, that it cannot be read now. Never throws. */
  settle(id: string): Promise<void>;
  /** The row, read lately. @throws what reading throws: nothing new may rest on what cannot be read. */
  read(id: string): Promise<Row | undefined>;
}

export interface RecentRowsOptions<Row> {
  readonly find: (id: string) => Promise<Row | undefined>;
  readonly nowMs: () => number;
  /** How old a row may be before it is read again. */
  readonly everyMs: number;
  /** How old a row may be that is acted on while the table answers. */
  readonly withinMs: number;
  /** Rows kept at the same time: the one that was first asked for longest ago makes room. */
  readonly rowsMax: number;
  /** Told of each row that was read, and what it was before. */
  readonly onRead?: (row: Row | undefined, before: Row | undefined) => void;
}

interface Kept<Row> {
  row?: Row | undefined;
  /** When the last look that succeeded began. */
  readAtMs: number;
  /** The same, or when a look last failed. */
  lookedAtMs: number;
  reading?: Promise<Row | undefined> | undefined;
}

/** How long a caller waits for a table that does not answer. */
const PATIENCE_MS = 1_000;

/** None is read yet. */
export function recentRows<Row>(options: RecentRowsOptions<Row>): RecentRows<Row> {
  const { find, nowMs, everyMs, withinMs, rowsMax, onRead } = options;
  const rows = new Map<string, Kept<Row>>();

  // A clock that was set back makes it old, too.
  const isWithin = (atMs: number, ms: number, now: number) => atMs <= now && now - atMs < ms;

  function keptOf(id: string): Kept<Row> {
    const found = rows.get(id);
    if (found) return found;
    const [oldest] = rows.keys();
    if (rows.size >= rowsMax && oldest !== undefined) rows.delete(oldest);
    const kept: Kept<Row> = { readAtMs: Number.NEGATIVE_INFINITY, lookedAtMs: Number.NEGATIVE_INFINITY };
    rows.set(id, kept);
    return kept;
  }

  /** One look for all who ask meanwhile. */
  function look(id: string, kept: Kept<Row>): Promise<Row | undefined> {
    kept.reading ??= readInto(id, kept).finally(() => {
      kept.reading = undefined;
    });
    return kept.reading;
  }

  async function readInto(id: string, kept: Kept<Row>): Promise<Row | undefined> {
    const begunAtMs = nowMs();
    try {
      const row = await find(id);
      const before = kept.row;
      Object.assign(kept, { row, readAtMs: begunAtMs, lookedAtMs: begunAtMs });
      onRead?.(row, before);
      return row;
    } catch (error) {
      kept.lookedAtMs = nowMs();
      throw error;
    }
  }

  const ignored = () => undefined;

  function isRecent(id: string): boolean {
    const kept = rows.get(id);
    if (!kept) return false;
    const now = nowMs();
    if (!isWithin(kept.lookedAtMs, withinMs, now)) return false;
    if (!kept.reading && !isWithin(kept.lookedAtMs, everyMs, now)) look(id, kept).catch(ignored);
    return true;
  }

  return {
    last(id) {
      const kept = rows.get(id);
      return kept && kept.readAtMs > Number.NEGATIVE_INFINITY ? kept : undefined;
    },
    isRecent,
    async settle(id) {
      if (isRecent(id)) return;
      const kept = keptOf(id);
      await inTime(look(id, kept).catch(ignored));
      // Who comes next does not wait for the same silence again.
      if (kept.reading) kept.lookedAtMs = nowMs();
    },
    async read(id) {
      const kept = keptOf(id);
      return isWithin(kept.readAtMs, everyMs, nowMs()) ? kept.row : look(id, kept);
    },
  };
}

async function inTime(answer: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((over) => {
    timer = setTimeout(over, PATIENCE_MS);
  });
  await Promise.race([answer, patience]).finally(() => clearTimeout(timer));
}
