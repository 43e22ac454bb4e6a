/** Named things that fall due at an instant, kept as rows: what fell due while nothing ran is due at the start. */
import { dueHeap } from '../../sqs/messages/due-heap';
import type { Store } from '../../store';

export interface DueRows {
  /** Falls due at `at` instead of whenever it did; undefined: never again. */
  set(name: string, at: number | undefined): void;
  /** Takes the earliest that is due; its row stays until `set` says what comes next. */
  takeDue(now: number): { readonly name: string; readonly at: number } | undefined;
}

export function dueRows(store: Store, table: string): DueRows {
  const rows = store.table<number>(table);
  const waiting = dueHeap<string>();
  for (const [name, at] of rows.entries()) waiting.add(at, name);

  return {
    set(name, at) {
      if (at === undefined) {
        rows.delete(name);
      } else {
        rows.set(name, at);
        waiting.add(at, name);
      }
    },
    takeDue(now) {
      for (let due = waiting.takeDue(now); due !== undefined; due = waiting.takeDue(now)) {
        if (rows.get(due.thing) === due.at) return { name: due.thing, at: due.at };
      }
      return undefined;
    },
  };
}
