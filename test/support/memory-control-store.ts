/**
 * A working control store in memory, with indexes as the real one has them. Rows are frozen copies: nobody changes one by hand.
 * A commit that makes a move which a table of legal moves does not have throws IllegalMove, however its row came about.
 */
import { type default as BTree, EmptyBTree } from 'sorted-btree';
import { LIFECYCLES } from '../../cli/docs/lifecycles/tables';
import type { Fact } from '../../events/define-event';
import { isKey } from '../../shared/adapters/control-table';
import { misplaced } from '../../shared/adapters/misplaced-row';
import { invalid, KeywrightError } from '../../shared/domain/errors';
import { type Moves, transition } from '../../shared/domain/legal-moves';
import { type Change, type ControlStore, DUE_PARTS } from '../../shared/domain/ports';
import { type EntityType, idOf, type Rows } from '../../shared/domain/rows';
import { stableHash } from '../../shared/domain/stable-hash';
import { frozen } from './frozen';

const ACTIONS_MAX = 90;

export interface MemoryControlStore extends ControlStore {
  /** Every fact committed so far, in order. */
  readonly outbox: readonly Fact[];
  /** Every row of a noun as it is now. */
  all<N extends EntityType>(entityType: N): readonly Rows[N][];
  /** Puts rows there without any check, in whatever state: what a test begins with. */
  given<N extends EntityType>(entityType: N, ...rows: readonly Rows[N][]): void;
  /** Copies the row of that id, as it is, to where the row of the other is kept. */
  misplace(entityType: EntityType, id: string, toId: string): void;
}

type Row = Rows[EntityType];
/** Keys of rows that belong together. */
type Shelf = Set<string>;
/** Rows by when they are due and their key, in order. */
type Agenda = BTree<string, Row>;

export function memoryControlStore(): MemoryControlStore {
  // A read by key costs the same however many rows there are.
  const rows = new Map<string, Row>();
  const shelves = new Map<string, Shelf>();
  const agendas = new Map<EntityType, Agenda>();
  const outbox: Fact[] = [];
  const published = new Set<string>();
  /** Keys of rows that say that they are other ones. */
  const misplacedAt = new Set<string>();

  const shelfOf = (name: string): Shelf => kept(shelves, name, () => new Set());
  const agendaOf = (entityType: EntityType): Agenda => kept(agendas, entityType, () => EmptyBTree.clone() as Agenda);
  const put = (entityType: EntityType, row: Row, key = keyOf(entityType, row)) => {
    misplacedAt.delete(key);
    const before = rows.get(key);
    rows.set(key, row);
    const [left, now] = [before ? shelvesOf(entityType, before) : [], shelvesOf(entityType, row)];
    for (const name of left) if (!now.includes(name)) shelfOf(name).delete(key);
    for (const name of now) if (!left.includes(name)) shelfOf(name).add(key);
    if (before && isDue(before)) agendaOf(entityType).delete(`${before.dueAt} ${key}`);
    if (isDue(row)) agendaOf(entityType).set(`${row.dueAt} ${key}`, row);
  };
  const inPlace = <N extends EntityType>(key: string) =>
    misplacedAt.has(key) ? undefined : (rows.get(key) as Rows[N] | undefined);
  /** Whoever registers a key or a data store counts it. */
  const recount = (kmsKeyArn: string) => {
    const named = [...shelfOf(`data-store/kmsKeyArn/${kmsKeyArn}`)];
    const dataStores = named.filter((key) => inPlace(key)).length;
    const revision = (rows.get(`data-store-count#${kmsKeyArn}`)?.revision ?? 0) + 1;
    put('data-store-count', frozen({ kmsKeyArn, dataStores, revision }));
  };
  const inOrder = <N extends EntityType>(shelf: Shelf) => [...shelf].sort().map((key) => rows.get(key) as Rows[N]);

  /** The row of a place of an agenda, or none. */
  const at = <N extends EntityType>(place: string): readonly Rows[N][] => {
    const row = inPlace<N>(place.slice(place.indexOf(' ') + 1));
    return row ? [row] : [];
  };

  async function* named<N extends EntityType>(
    entityType: N,
    field: IndexedField,
    value: string,
    leftOut: (id: string) => void = () => undefined,
  ): AsyncIterable<Rows[N]> {
    for (const key of [...shelfOf(`${entityType}/${field}/${value}`)].sort()) {
      const row = inPlace<N>(key);
      if (row) yield row;
      else leftOut(key.slice(entityType.length + 1));
    }
  }

  return {
    outbox,
    all: <N extends EntityType>(entityType: N) => inOrder<N>(shelfOf(entityType)),
    given(entityType, ...given) {
      const keys = new Set<string>();
      for (const row of given) {
        for (const one of [rows.get(keyOf(entityType, row)), row])
          if (one && 'kmsKeyArn' in one) keys.add(String(one.kmsKeyArn));
        put(entityType, frozen(row));
      }
      if (entityType === 'data-store' || entityType === 'kms-key') for (const kmsKeyArn of keys) recount(kmsKeyArn);
    },
    misplace(entityType, id, toId) {
      const row = rows.get(`${entityType}#${id}`);
      if (row) put(entityType, row, `${entityType}#${toId}`);
      misplacedAt.add(`${entityType}#${toId}`);
    },
    async find<N extends EntityType>(entityType: N, id: string) {
      const key = `${entityType}#${id}`;
      if (misplacedAt.has(key)) throw misplaced(key);
      return inPlace<N>(key);
    },

    fact: async (factId) => outbox.find((fact) => fact.factId === factId),

    async commit(change) {
      refuseTooMuch(change);
      const stale = change.writes.some(
        ({ entityType, row }) => (rows.get(keyOf(entityType, row))?.revision ?? 0) !== row.revision,
      );
      const repeated = change.facts.some(({ factId }) => published.has(factId));
      if (stale || repeated)
        throw new KeywrightError('state.changed-meanwhile', 'The row was changed since it was read.');
      for (const { entityType, row } of change.writes) refuseIllegal(entityType, rows.get(keyOf(entityType, row)), row);
      for (const { entityType, row } of change.writes) put(entityType, frozen({ ...row, revision: row.revision + 1 }));
      outbox.push(...frozen(change.facts));
      for (const { factId } of change.facts) published.add(factId);
    },

    ofKmsKey: (entityType, kmsKeyArn, leftOut) => named(entityType, 'kmsKeyArn', kmsKeyArn, leftOut),
    ofCustomer: (entityType, customerId) => named(entityType, 'customerId', customerId),
    async due<N extends EntityType>(
      entityType: N,
      now: string,
      limit: number,
      leftOut: (key: string) => void = () => undefined,
      part?: number,
    ) {
      const due: Rows[N][] = [];
      for (const place of agendaOf(entityType).keys()) {
        // A space comes before everything that an instant holds.
        if (due.length === limit || place >= `${now}!`) break;
        if (part !== undefined && partOf(place) !== part) continue;
        const row = at<N>(place);
        if (row.length === 0) leftOut(place.slice(place.indexOf(' ') + 1));
        due.push(...row);
      }
      return due;
    },
    async page<N extends EntityType>(
      entityType: N,
      { limit, after }: { readonly limit: number; readonly after?: string },
    ) {
      if (after?.includes(' ') === false) throw invalid('after', 'must be what the page before gave as `next`.');
      const index = agendaOf(entityType);
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

/** By the id that a row is kept under. */
const partOf = (place: string): number => stableHash(place.slice(place.indexOf('#') + 1)) % DUE_PARTS;

type IndexedField = 'kmsKeyArn' | 'customerId';

/** On which shelves a row is: that of its noun, and of what its indexed fields name. */
function shelvesOf(entityType: EntityType, row: Row): readonly string[] {
  const fields = row as unknown as Readonly<Record<IndexedField, unknown>>;
  const { kmsKeyArn, customerId } = fields;
  return [
    entityType,
    ...(typeof kmsKeyArn === 'string' ? [`${entityType}/kmsKeyArn/${kmsKeyArn}`] : []),
    ...(typeof customerId === 'string' ? [`${entityType}/customerId/${customerId}`] : []),
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

const keyOf = (entityType: EntityType, row: Row): string =>
  `${entityType}#${(idOf[entityType] as (row: Row) => string)(row)}`;

/** By the rows themselves: a verb may have forgotten to ask, or have said that the row was another one before. */
function refuseIllegal(entityType: EntityType, before: Row | undefined, after: Row): void {
  const tables: Readonly<Partial<Record<EntityType, readonly Moves<never>[]>>> = LIFECYCLES;
  for (const moves of tables[entityType] ?? []) transition(moves, before as never, after as never);
}

function refuseTooMuch({ writes, facts }: Change): void {
  if (writes.length + facts.length > ACTIONS_MAX)
    throw new KeywrightError('store.refused', 'A change holds too many rows and facts: commit it in parts.');
  const names = [
    ...writes.map(({ entityType, row }) => keyOf(entityType, row)),
    ...facts.map(({ factId }) => `fact#${factId}`),
  ];
  if (!names.every(isKey)) throw new KeywrightError('store.refused', 'A name is no key.');
}
