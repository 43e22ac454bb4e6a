/**
 * Where the engines of local AWS keep their state: tables in memory, and a journal on disk when a folder is given.
 *
 * Every change is appended to the journal before the call that made it is answered, so a killed process loses nothing
 * that it had acknowledged. A line cut short by a kill is dropped when the journal is next opened; opening also
 * rewrites the journal to hold the last value of each row only.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

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

type Change = readonly [table: string, key: string, row?: unknown];

export function openStore(folder?: string): Store {
  const journal = folder === undefined ? undefined : openJournal(folder);
  const tables = new Map<string, Map<string, unknown>>();
  const rowsOf = (name: string) => {
    const rows = tables.get(name) ?? new Map<string, unknown>();
    tables.set(name, rows);
    return rows;
  };
  for (const [table, key, row] of journal?.changes ?? []) {
    if (row === undefined) rowsOf(table).delete(key);
    else rowsOf(table).set(key, row);
  }
  journal?.rewrite(tables);

  let batch: Change[] | undefined;
  const record = (change: Change) => {
    if (batch) batch.push(change);
    else journal?.append([change]);
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
        if (changes.length > 0) journal?.append(changes);
      }
    },
    close: () => journal?.close(),
  };
}

function openJournal(folder: string) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'journal.jsonl');
  const changes = existsSync(path) ? readFileSync(path, 'utf8').split('\n').flatMap(changesOfLine) : [];
  let file: number | undefined;
  return {
    changes,
    rewrite(tables: ReadonlyMap<string, ReadonlyMap<string, unknown>>) {
      const lines = [...tables].flatMap(([name, rows]) =>
        [...rows].map(([key, row]) => JSON.stringify([[name, key, row]])),
      );
      writeFileSync(`${path}.new`, lines.map((line) => `${line}\n`).join(''));
      renameSync(`${path}.new`, path);
      file = openSync(path, 'a');
    },
    append(batch: readonly Change[]) {
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(batch)}\n`);
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** The last line may have been cut by a kill: what does not parse was never acknowledged. */
function changesOfLine(line: string): readonly Change[] {
  try {
    return line === '' ? [] : (JSON.parse(line) as readonly Change[]);
  } catch {
    return [];
  }
}
