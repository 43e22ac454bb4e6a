/** A working control store in memory. Rows are frozen copies: nobody changes one by hand. */
import type { Fact } from '../../events/define-event';
import { KeywrightError } from '../../shared/domain/errors';
import type { Change, ControlStore } from '../../shared/domain/ports';
import { idOf, type Noun, type Rows } from '../../shared/domain/rows';
import { frozen } from './frozen';

const ACTIONS_MAX = 90;

export interface MemoryControlStore extends ControlStore {
  /** Every fact committed so far, in order. */
  readonly outbox: readonly Fact[];
  /** Every row of a noun as it is now. */
  all<N extends Noun>(noun: N): readonly Rows[N][];
  /** Puts rows there without any check: what a test begins with. */
  given<N extends Noun>(noun: N, ...rows: readonly Rows[N][]): void;
}

export function memoryControlStore(): MemoryControlStore {
  const rows = new Map<string, Rows[Noun]>();
  const outbox: Fact[] = [];

  const rowsOf = <N extends Noun>(noun: N): Rows[N][] =>
    [...rows]
      .filter(([key]) => key.startsWith(`${noun}#`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row as Rows[N]);

  async function* named<N extends Noun>(noun: N, field: string, value: string): AsyncIterable<Rows[N]> {
    yield* rowsOf(noun).filter((row) => (row as unknown as Record<string, unknown>)[field] === value);
  }

  return {
    outbox,
    all: rowsOf,
    given(noun, ...given) {
      for (const row of given) rows.set(keyOf(noun, row), frozen(row));
    },
    find: async <N extends Noun>(noun: N, id: string) => rows.get(`${noun}#${id}`) as Rows[N] | undefined,

    async commit(change) {
      refuseTooMuch(change);
      const stale = change.writes.some(({ noun, row }) => (rows.get(keyOf(noun, row))?.revision ?? 0) !== row.revision);
      const repeated = change.facts.some(({ factId }) => outbox.some((fact) => fact.factId === factId));
      if (stale || repeated)
        throw new KeywrightError('state.changed-meanwhile', 'The row was changed since it was read.');
      for (const { noun, row } of change.writes) {
        rows.set(keyOf(noun, row), frozen({ ...row, revision: row.revision + 1 }));
      }
      outbox.push(...frozen(change.facts));
    },

    ofKmsKey: (noun, kmsKeyArn) => named(noun, 'kmsKeyArn', kmsKeyArn),
    ofCustomer: (noun, customerId) => named(noun, 'customerId', customerId),
    due: async (noun, now, limit) =>
      rowsOf(noun)
        .filter(({ dueAt }) => dueAt <= now)
        .sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1))
        .slice(0, limit),
  };
}

const keyOf = <N extends Noun>(noun: N, row: Rows[N]): string => `${noun}#${idOf[noun](row)}`;

function refuseTooMuch({ writes, facts }: Change): void {
  if (writes.length + facts.length <= ACTIONS_MAX) return;
  throw new KeywrightError('store.refused', 'A change holds too many rows and facts: commit it in parts.');
}
