/**
 * Where the engines of local AWS keep their state: tables in memory, and a journal on disk when a folder is given.
 *
 * Every change is appended to the journal before the call that made it is answered, so a killed process loses nothing
 * that it had acknowledged. When the disk does not take a change, neither that one nor any later one is acknowledged:
 * memory is ahead of the disk then, and whoever was told of a change would find it gone at the next start.
 */
import { type Change, openJournal } from './journal';

/** Rows by key. A row is a plain JSON value and is never changed in place: `set` a new one instead. */
export interface Table<Row> {
  get(key: string): Row | undefined;
  has(key: string): boolean;
  set(key: string, row: Row): void;
  delete(key: string): void;
  /** Rows in the order in which their keys were first set. */
  entries(): IterableIterator<[string, Row]>;
  values(): IterableIterator<Row>;
  readonly size: number;
}

export interface Store {
  /** The table of that name; the same name gives the same table. */
  table<Row>(name: string): Table<Row>;
  /** Makes every change inside `change` one journal line: after a kill all of them are there, or none. */
  together(change: () => void): void;
  close(): void;
}

/**
 * @param folder Keeps the state there. In memory only when left out.
 * @param onFault Told once, when the disk does not take a change.
 * @throws LocalAwsFault when what is kept there cannot be read.
 */
export function openStore(folder?: string, onFault: (error: unknown) => void = () => {}): Store {
  const journal = folder === undefined ? undefined : openJournal(folder);
  const tables = new Map<string, Map<string, unknown>>();
  const rowsOf = (name: string) => {
    const rows = tables.get(name) ?? new Map<string, unknown>();
    tables.set(name, rows);
    return rows;
  };
  for (const [table, key, row] of journal?.changes() ?? []) {
    if (row === undefined) rowsOf(table).delete(key);
    else rowsOf(table).set(key, row);
  }
  journal?.rewrite(tables);

  let fault: unknown;
  const keep = (changes: readonly Change[]) => {
    if (fault !== undefined) throw fault;
    try {
      journal?.append(changes);
    } catch (error) {
      fault = error;
      onFault(error);
      throw error;
    }
  };

  let batch: Change[] | undefined;
  const record = (change: Change) => {
    if (batch) batch.push(change);
    else keep([change]);
  };

  return {
    table<Row>(name: string): Table<Row> {
      const rows = rowsOf(name) as Map<string, Row>;
      return {
        get: (key) => rows.get(key),
        has: (key) => rows.has(key),
        set(key, row) {
          rows.set(key, row);
          record([name, key, row]);
        },
        delete(key) {
          if (rows.delete(key)) record([name, key]);
        },
        entries: () => rows.entries(),
        values: () => rows.values(),
        get size() {
          return rows.size;
        },
      };
    },
    together(change) {
      if (batch) return change();
      batch = [];
      try {
        change();
      } finally {
        const changes = batch;
        batch = undefined;
        if (changes.length > 0) keep(changes);
      }
    },
    close: () => journal?.close(),
  };
}
