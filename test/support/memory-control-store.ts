/** A working control store in memory, with indexes as the real one has them. Rows are frozen copies: nobody changes one by hand. */
import { type default as BTree, EmptyBTree } from 'sorted-btree';
import type { Fact } from '../../events/define-event';
import { isKey } from '../../shared/adapters/control-table';
import { misplaced } from '../../shared/adapters/misplaced';
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
  /** Copies the row of that id, as it is, to where the row of the other is kept. */
  misplace(noun: Noun, id: string, toId: string): void;
}

type Row = Rows[Noun];
/** Keys of rows that belong together. */
type Shelf = Set<string>;
/** Rows by when they are due and their key, in order. */
type Agenda = BTree<string, Row>;

export function memoryControlStore(): MemoryControlStore {
  // A read by key costs the same however many rows there are.
  const rows = new Map<string, Row>();
  const shelves = new Map<string, Shelf>();
  const agendas = new Map<Noun, Agenda>();
  const outbox: Fact[] = [];
  const published = new Set<string>();
  /** Keys of rows that say that they are other ones. */
  const misplacedAt = new Set<string>();

  const shelfOf = (name: string): Shelf => kept(shelves, name, () => new Set());
  const agendaOf = (noun: Noun): Agenda => kept(agendas, noun, () => EmptyBTree.clone() as Agenda);
  const put = (noun: Noun, row: Row, key = keyOf(noun, row)) => {
    misplacedAt.delete(key);
    const before = rows.get(key);
    rows.set(key, row);
    const [left, now] = [before ? shelvesOf(noun, before) : [], shelvesOf(noun, row)];
    for (const name of left) if (!now.includes(name)) shelfOf(name).delete(key);
    for (const name of now) if (!left.includes(name)) shelfOf(name).add(key);
    if (before && isDue(before)) agendaOf(noun).delete(`${before.dueAt} ${key}`);
    if (isDue(row)) agendaOf(noun).set(`${row.dueAt} ${key}`, row);
  };
  const inPlace = <N extends Noun>(key: string) =>
    misplacedAt.has(key) ? undefined : (rows.get(key) as Rows[N] | undefined);
  /** Whoever registers a key or a data store counts it. */
  const recount = (kmsKeyArn: string) => {
    const named = [...shelfOf(`data-store/kmsKeyArn/${kmsKeyArn}`)];
    const dataStores = named.filter((key) => inPlace(key)).length;
    const revision = (rows.get(`data-store-count#${kmsKeyArn}`)?.revision ?? 0) + 1;
    put('data-store-count', frozen({ kmsKeyArn, dataStores, revision }));
  };
  const inOrder = <N extends Noun>(shelf: Shelf) => [...shelf].sort().map((key) => rows.get(key) as Rows[N]);

  /** The row of a place of an agenda, or none. */
  const at = <N extends Noun>(place: string): readonly Rows[N][] => {
    const row = inPlace<N>(place.slice(place.indexOf(' ') + 1));
    return row ? [row] : [];
  };

  async function* named<N extends Noun>(
    noun: N,
    field: IndexedField,
    value: string,
    leftOut: (id: string) => void = () => undefined,
  ): AsyncIterable<Rows[N]> {
    for (const key of [...shelfOf(`${noun}/${field}/${value}`)].sort()) {
      const row = inPlace<N>(key);
      if (row) yield row;
      else leftOut(key.slice(noun.length + 1));
    }
  }

  return {
    outbox,
    all: <N extends Noun>(noun: N) => inOrder<N>(shelfOf(noun)),
    given(noun, ...given) {
      const keys = new Set<string>();
      for (const row of given) {
        for (const one of [rows.get(keyOf(noun, row)), row])
          if (one && 'kmsKeyArn' in one) keys.add(String(one.kmsKeyArn));
        put(noun, frozen(row));
      }
      if (noun === 'data-store' || noun === 'kms-key') for (const kmsKeyArn of keys) recount(kmsKeyArn);
    },
    misplace(noun, id, toId) {
      const row = rows.get(`${noun}#${id}`);
      if (row) put(noun, row, `${noun}#${toId}`);
      misplacedAt.add(`${noun}#${toId}`);
    },
    async find<N extends Noun>(noun: N, id: string) {
      const key = `${noun}#${id}`;
      if (misplacedAt.has(key)) throw misplaced(key);
      return inPlace<N>(key);
    },

    fact: async (factId) => outbox.find((fact) => fact.factId === factId),

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

    ofKmsKey: (noun, kmsKeyArn, leftOut) => named(noun, 'kmsKeyArn', kmsKeyArn, leftOut),
    ofCustomer: (noun, customerId) => named(noun, 'customerId', customerId),
    async due<N extends Noun>(noun: N, now: string, limit: number) {
      const due: Rows[N][] = [];
      for (const place of agendaOf(noun).keys()) {
        // A space comes before everything that an instant holds.
        if (due.length === limit || place >= `${now}!`) break;
        due.push(...at<N>(place));
      }
      return due;
    },
    async page<N extends Noun>(noun: N, { limit, after }: { readonly limit: number; readonly after?: string }) {
      const index = agendaOf(noun);
      const places: string[] = [];
      for (const [place] of after === undefined ? index.entries() : index.entries(`${after}!`)) {
        places.push(place);
        if (places.length === limit) break;
      }
      const next = places.length === limit ? places.at(-1) : undefined;
      return { rows: places.flatMap((place) => at<N>(place)), ...(next !== undefined && { next }) };
    },
  };
}

type IndexedField = 'kmsKeyArn' | 'customerId';

/** On which shelves a row is: that of its noun, and of what its indexed fields name. */
function shelvesOf(noun: Noun, row: Row): readonly string[] {
  const fields = row as unknown as Readonly<Record<IndexedField, unknown>>;
  const { kmsKeyArn, customerId } = fields;
  return [
    noun,
    ...(typeof kmsKeyArn === 'string' ? [`${noun}/kmsKeyArn/${kmsKeyArn}`] : []),
    ...(typeof customerId === 'string' ? [`${noun}/customerId/${customerId}`] : []),
  ];
}

const isDue = (row: object): row is { readonly dueAt: string } => 'dueAt' in row && typeof row.dueAt === 'string';

function kept<Name, Value>(all: Map<Name, Value>, name: Name, make: () => Value): Value {
  const value = all.get(name);
  if (value !== undefined) return value;
  const made = make();
  all.set(name, made);
  return made;
}

const keyOf = (noun: Noun, row: Row): string => `${noun}#${(idOf[noun] as (row: Row) => string)(row)}`;

function refuseTooMuch({ writes, facts }: Change): void {
  if (writes.length + facts.length > ACTIONS_MAX)
    throw new KeywrightError('store.refused', 'A change holds too many rows and facts: commit it in parts.');
  const names = [...writes.map(({ noun, row }) => keyOf(noun, row)), ...facts.map(({ factId }) => `fact#${factId}`)];
  if (!names.every(isKey)) throw new KeywrightError('store.refused', 'A name is no key.');
}
