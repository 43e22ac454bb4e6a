/** An outbox in memory. */
import type { Outbox, OutboxRow } from '../../shared/domain/outbox/ports';

interface Kept extends OutboxRow {
  /** Absent: it is out, or parked. */
  readonly dueAt?: string;
  readonly parked?: string;
}

export interface MemoryOutbox extends Outbox {
  given(...rows: readonly Kept[]): void;
  /** Puts a row there, under that key, that is due and no row of the outbox. */
  givenForeign(key: string): void;
  /** Why a fact is parked. */
  parkedBecause(factId: string): string | undefined;
}

export function memoryOutbox(): MemoryOutbox {
  const rows = new Map<string, Kept>();
  const foreign: string[] = [];
  const change = (factId: string, changed: (row: Kept) => Kept) => {
    const row = rows.get(factId);
    if (row?.dueAt !== undefined) rows.set(factId, changed(row));
  };
  const notDue = ({ dueAt: _over, ...row }: Kept): Kept => row;
  return {
    given(...given) {
      for (const row of given) rows.set(row.factId, row);
    },
    givenForeign: (key) => void foreign.push(key),
    parkedBecause: (factId) => rows.get(factId)?.parked,
    async due(now, limit, leftOut = () => undefined) {
      for (const key of foreign) leftOut(key);
      const due = [...rows.values()].filter(({ dueAt }) => dueAt !== undefined && dueAt <= now);
      return due.sort((a, b) => (String(a.dueAt) < String(b.dueAt) ? -1 : 1)).slice(0, limit);
    },
    published: async (factId) => change(factId, notDue),
    parked: async (factId, reason) => change(factId, (row) => ({ ...notDue(row), parked: reason })),
    postponed: async (factId, dueAt) => change(factId, (row) => ({ ...row, dueAt })),
  };
}
