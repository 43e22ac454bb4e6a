/** A working control store in memory, with indexes as the real one has them. Rows are frozen copies: nobody changes one by hand. */
import { type default as BTree, EmptyBTree } from 'sorted-btree';
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

type Row = Rows[Noun];
/** Rows by what they are found by, in order. */
type Index = BTree<string, Row>;

export function memoryControlStore(): MemoryControlStore {
  const rows: Index = EmptyBTree.clone();
  const indexes = new Map<string, Index>();
  const outbox: Fact[] = [];
  const published = new Set<string>();

  const indexOf = (name: string): Index => {
    const index: Index = indexes.get(name) ?? EmptyBTree.clone();
    indexes.set(name, index);
    return index;
  };
  const put = (noun: Noun, row: Row) => {
    const key = keyOf(noun, row);
    const before = rows.get(key);
    for (const [name, place] of before ? placesOf(noun, before) : []) indexOf(name).delete(place);
    rows.set(key, row);
    for (const [name, place] of placesOf(noun, row)) indexOf(name).set(place, row);
  };

  async function* named<N extends Noun>(noun: N, field: IndexedField, value: string): AsyncIterable<Rows[N]> {
    yield* indexOf(`${noun}/${field}/${value}`).valuesArray() as Rows[N][];
  }

  return {
    outbox,
    all: <N extends Noun>(noun: N) => rows.getRange(`${noun}#`, `${noun}$`).map(([, row]) => row as Rows[N]),
    given(noun, ...given) {
      for (const row of given) put(noun, frozen(row));
    },
    find: async <N extends Noun>(noun: N, id: string) => rows.get(`${noun}#${id}`) as Rows[N] | undefined,

    async commit(change) {
      refuseTooMuch(change);
      const stale = change.writes.some(({ noun, row }) => (rows.get(keyOf(noun, row))?.revision ?? 0) !== row.revision);
      const repeated = change.facts.some(({ factId }) => published.has(factId));
      if (stale || repeated)
        throw new KeywrightError('state.changed-meanwhile', 'The row was changed since it was read.');
      for (const { noun, row } of change.writes) put(noun, frozen({ ...row, revision: row.revision + 1 }));
      outbox.push(...frozen(change.facts));
      for (const { factId } of change.facts) published.add(factId);
    },

    ofKmsKey: (noun, kmsKeyArn) => named(noun, 'kmsKeyArn', kmsKeyArn),
    ofCustomer: (noun, customerId) => named(noun, 'customerId', customerId),
    async due<N extends Noun>(noun: N, now: string, limit: number) {
      const due: Rows[N][] = [];
      for (const [place, row] of indexOf(`${noun}/dueAt`).entries()) {
        // A space comes before everything that an instant holds.
        if (due.length === limit || place >= `${now}!`) break;
        due.push(row as Rows[N]);
      }
      return due;
    },
    async page<N extends Noun>(noun: N, { limit, after }: { readonly limit: number; readonly after?: string }) {
      const index = indexOf(`${noun}/dueAt`);
      const places: string[] = [];
      for (const [place] of after === undefined ? index.entries() : index.entries(`${after}!`)) {
        places.push(place);
        if (places.length === limit) break;
      }
      const next = places.length === limit ? places.at(-1) : undefined;
      return { rows: places.map((place) => index.get(place) as Rows[N]), ...(next !== undefined && { next }) };
    },
  };
}

type IndexedField = 'kmsKeyArn' | 'customerId';

/** In which indexes a row is, and under what. */
function placesOf(noun: Noun, row: Row): readonly (readonly [index: string, place: string])[] {
  const fields = row as unknown as Readonly<Record<IndexedField | 'dueAt', unknown>>;
  const key = keyOf(noun, row);
  const byName = (['kmsKeyArn', 'customerId'] as const).flatMap((field) => {
    const value = fields[field];
    return typeof value === 'string' ? [[`${noun}/${field}/${value}`, key] as const] : [];
  });
  return typeof fields.dueAt === 'string' ? [...byName, [`${noun}/dueAt`, `${fields.dueAt} ${key}`]] : byName;
}

const keyOf = (noun: Noun, row: Row): string => `${noun}#${(idOf[noun] as (row: Row) => string)(row)}`;

function refuseTooMuch({ writes, facts }: Change): void {
  if (writes.length + facts.length <= ACTIONS_MAX) return;
  throw new KeywrightError('store.refused', 'A change holds too many rows and facts: commit it in parts.');
}
