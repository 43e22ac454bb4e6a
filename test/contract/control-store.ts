/** The promises of `ControlStore`, for every implementation of it. */
import { keyRotated } from '../../events/key-rotated';
import { NEVER } from '../../shared/domain/instants';
import { type ControlStore, DUE_PARTS } from '../../shared/domain/ports';
import type { DueEntityType, EntityType, Rows } from '../../shared/domain/rows';
import {
  aCustomer,
  aDataStore,
  after,
  aKmsKey,
  aMaterial,
  anArn,
  anIncident,
  aPolicy,
  aRotation,
  aWatch,
  NOW,
} from '../support/make';

interface Opened {
  readonly store: ControlStore;
  facts(): Promise<readonly { factId: string }[]>;
  /** Copies the row of that id, as it is, to where the row of the other is kept. */
  misplace(entityType: EntityType, id: string, toId: string): Promise<void>;
}

/** @param open A store with nothing in it, and the facts it has committed. */
export function controlStoreContract(open: () => Promise<Opened>): void {
  let store: ControlStore;
  let facts: Opened['facts'];
  let misplace: Opened['misplace'];
  beforeEach(async () => {
    ({ store, facts, misplace } = await open());
  });

  const everyRow = async <N extends DueEntityType>(entityType: N) => {
    const found: Rows[N][] = [];
    let next: string | undefined;
    do {
      const page = await store.page(entityType, { limit: 2, ...(next !== undefined && { after: next }) });
      found.push(...page.rows);
      next = page.next;
    } while (next !== undefined);
    return found;
  };

  const put = <N extends EntityType>(entityType: N, ...rows: readonly Rows[N][]) =>
    Promise.all(rows.map((row) => store.commit({ writes: [{ entityType, row } as never], facts: [] })));

  test('a row is found as it was written, with its revision one more', async () => {
    await put('kms-key', aKmsKey({ alias: 'alias/acme' }));

    expect(await store.find('kms-key', anArn())).toEqual({ ...aKmsKey({ alias: 'alias/acme' }), revision: 1 });
  });

  test('a row that nobody wrote is not found', async () => {
    expect(await store.find('kms-key', anArn('nobody'))).toBeUndefined();
  });

  test.each([
    ['empty', ''],
    ['too long for a key', 'x'.repeat(2048)],
    ['of characters that are too long together', '€'.repeat(700)],
    ['no Unicode', 'acme\ud800'],
  ])('an id that is %s finds nothing, by itself and as what rows name', async (_, id) => {
    await put('kms-key', aKmsKey());

    expect(await store.find('customer', id)).toBeUndefined();
    for await (const row of store.ofCustomer('kms-key', id.repeat(2))) expect(row).toBeUndefined();
    for await (const row of store.ofKmsKey('data-store', id.repeat(2))) expect(row).toBeUndefined();
  });

  test('a row or a fact whose name is too long for a key is refused', async () => {
    const customerId = 'x'.repeat(2048);

    await expect(put('customer', aCustomer({ customerId }))).rejects.toMatchObject({ code: 'store.refused' });
    const fact = store.commit({ writes: [], facts: [aFact(customerId)] });
    await expect(fact).rejects.toMatchObject({ code: 'store.refused' });
  });

  test('a fact is found by its name as it was committed, and by no other', async () => {
    const fact = aFact('fact-1');
    await store.commit({ writes: [], facts: [fact, aFact('fact-2')] });

    expect(await store.fact('fact-1')).toEqual(fact);
    for (const factId of ['fact-3', '', 'x'.repeat(2048), '\ud800']) expect(await store.fact(factId)).toBeUndefined();
  });

  test('bytes inside a row survive', async () => {
    const canary = { wrapped: new Uint8Array([0, 127, 255]), keyMaterialId: aMaterial(1) };
    const verdict = { availability: 'available', evidence: 'it answers', at: NOW } as const;
    const watch = { kmsKeyArn: anArn(), availability: 'available', verdict, since: NOW, canary, dueAt: NOW } as const;
    await put('key-watch', { ...watch, revision: 0 });

    const found = await store.find('key-watch', anArn());

    expect([...(found?.canary.wrapped ?? [])]).toEqual([0, 127, 255]);
  });

  test('a row that was copied to another id is used under neither: there is the one that was copied, and a refusal', async () => {
    await put('kms-key', aKmsKey());
    await misplace('kms-key', anArn(), anArn('victim'));

    const refused = store.find('kms-key', anArn('victim'));

    await expect(refused).rejects.toMatchObject({ code: 'store.row-misplaced', retry: false });
    await expect(refused).rejects.toThrow(`kms-key#${anArn('victim')}`);
    expect(await store.find('kms-key', anArn())).toMatchObject({ revision: 1 });
  });

  test('a row that was copied is left out of every list, and told to whoever asks', async () => {
    await put('data-store', aDataStore({ dataStoreId: 'a' }));
    await misplace('data-store', 'acme/a', 'acme/b');
    await put('key-watch', aWatch());
    await misplace('key-watch', anArn(), anArn('victim'));
    const leftOut: string[] = [];

    const ofKey = await all(store.ofKmsKey('data-store', anArn(), (id) => leftOut.push(id)));

    expect(leftOut).toEqual(['acme/b']);
    expect(ofKey.map(({ dataStoreId }) => dataStoreId)).toEqual(['a']);
    expect((await all(store.ofCustomer('data-store', 'acme'))).map(({ dataStoreId }) => dataStoreId)).toEqual(['a']);
    expect(await store.due('key-watch', after(1), 100)).toHaveLength(1);
    expect((await everyRow('key-watch')).map(({ kmsKeyArn }) => kmsKeyArn)).toEqual([anArn()]);
  });

  test('a row that exists is not written as a new one', async () => {
    await put('kms-key', aKmsKey());

    await expect(put('kms-key', aKmsKey({ state: 'retiring' }))).rejects.toMatchObject({
      code: 'state.changed-meanwhile',
    });
    expect(await store.find('kms-key', anArn())).toMatchObject({ state: 'active', revision: 1 });
  });

  test.each([2, 3, 99])('a change decided on revision %i is refused when the row is at another', async (revision) => {
    await put('kms-key', aKmsKey());

    const late = put('kms-key', aKmsKey({ state: 'retiring', revision }));

    await expect(late).rejects.toMatchObject({ code: 'state.changed-meanwhile', retry: true });
    expect(await store.find('kms-key', anArn())).toMatchObject({ state: 'active', revision: 1 });
  });

  test('a row that is decided on a revision that is gone is refused', async () => {
    await put('kms-key', aKmsKey());
    await put('kms-key', aKmsKey({ revision: 1, keyMaterialId: aMaterial(2) }));

    await expect(put('kms-key', aKmsKey({ revision: 1 }))).rejects.toMatchObject({ code: 'state.changed-meanwhile' });
    expect(await store.find('kms-key', anArn())).toMatchObject({ keyMaterialId: aMaterial(2), revision: 2 });
  });

  test('a change happens as a whole or not at all: one stale row keeps the others and the facts back', async () => {
    await put('kms-key', aKmsKey());
    const writes = [
      { entityType: 'rotation', row: aRotation() },
      { entityType: 'kms-key', row: aKmsKey({ revision: 7 }) },
    ] as const;

    await expect(store.commit({ writes, facts: [aFact('fact-1')] })).rejects.toMatchObject({
      code: 'state.changed-meanwhile',
    });

    expect(await store.find('rotation', 'rotation-1')).toBeUndefined();
    expect(await facts()).toEqual([]);
  });

  test('facts are committed with the rows that cause them', async () => {
    await store.commit({
      writes: [{ entityType: 'rotation', row: aRotation() }],
      facts: [aFact('fact-1'), aFact('fact-2')],
    });

    const committed = await facts();

    expect([...committed].sort((a, b) => (a.factId < b.factId ? -1 : 1))).toEqual([aFact('fact-1'), aFact('fact-2')]);
  });

  test('of two changes decided on the same revision exactly one is made', async () => {
    await put('kms-key', aKmsKey());
    const rivals = Array.from({ length: 8 }, (_, rival) =>
      put('kms-key', aKmsKey({ revision: 1, keyMaterialId: aMaterial(rival) })),
    );

    const results = await Promise.allSettled(rivals);

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await store.find('kms-key', anArn())).toMatchObject({ revision: 2 });
  });

  test('a change of more than 90 rows and facts is refused before anything is written', async () => {
    const rows = Array.from({ length: 91 }, (_, number) => aRotation({ rotationId: `rotation-${number}` }));
    const writes = rows.map((row) => ({ entityType: 'rotation', row }) as const);

    await expect(store.commit({ writes, facts: [] })).rejects.toMatchObject({ code: 'store.refused', retry: false });
    expect(await store.find('rotation', 'rotation-0')).toBeUndefined();
  });

  test('a change of nothing is no change', async () => {
    await expect(store.commit({ writes: [], facts: [] })).resolves.toBeUndefined();
  });

  test('rows are found by the KMS key they name, of the asked entity type only', async () => {
    await put('data-store', aDataStore({ dataStoreId: 'a' }), aDataStore({ dataStoreId: 'b' }));
    await put('data-store', aDataStore({ dataStoreId: 'c', kmsKeyArn: anArn('other') }));
    await put('kms-key', aKmsKey());

    const found = await all(store.ofKmsKey('data-store', anArn()));

    expect(found.map(({ dataStoreId }) => dataStoreId).sort()).toEqual(['a', 'b']);
  });

  test('rows are found by the customer they name, and never those of another', async () => {
    await put('data-store', aDataStore(), aDataStore({ customerId: 'acme-2' }), aDataStore({ customerId: 'zeta' }));

    const found = await all(store.ofCustomer('data-store', 'acme'));

    expect(found).toEqual([{ ...aDataStore(), revision: 1 }]);
  });

  test('names with separators in them do not meet', async () => {
    await put('data-store', aDataStore({ customerId: 'a/b', dataStoreId: 'c' }));

    await expect(put('data-store', aDataStore({ customerId: 'a', dataStoreId: 'b/c' }))).resolves.toBeDefined();
  });

  test('what is due comes longest due first and no more than asked for', async () => {
    const dueIn = (name: string, ms: number) => aPolicy({ kmsKeyArn: anArn(name), dueAt: after(ms) });
    await put('rotation-policy', dueIn('third', -1), dueIn('first', -9_000), dueIn('now', 0), dueIn('second', -500));
    await put('rotation-policy', dueIn('tomorrow', 86_400_000));

    const twoOf = await store.due('rotation-policy', NOW, 2);
    const allOf = await store.due('rotation-policy', NOW, 100);

    expect(twoOf.map(({ kmsKeyArn }) => kmsKeyArn)).toEqual([anArn('first'), anArn('second')]);
    expect(allOf.map(({ kmsKeyArn }) => kmsKeyArn)).toEqual(['first', 'second', 'third', 'now'].map((n) => anArn(n)));
  });

  test('what is due is in parts that are the whole together, and a row stays in its own', async () => {
    const arns = Array.from({ length: 40 }, (_, at) => anArn(`key-${at}`));
    await put('key-watch', ...arns.map((kmsKeyArn, at) => aWatch({ kmsKeyArn, dueAt: after(-at) })));
    const inParts = () =>
      Promise.all(
        Array.from({ length: DUE_PARTS }, async (_, part) => {
          const due = await store.due('key-watch', NOW, 100, undefined, part);
          return due.map(({ kmsKeyArn }) => kmsKeyArn);
        }),
      );

    const parts = await inParts();
    await put('key-watch', aWatch({ kmsKeyArn: arns[7] ?? '', dueAt: after(-1_000), revision: 1 }));

    expect(parts.flat().sort()).toEqual([...arns].sort());
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(arns.length / 2);
    expect((await inParts()).map((part) => part.includes(arns[7] ?? ''))).toEqual(
      parts.map((part) => part.includes(arns[7] ?? '')),
    );
    expect(await store.due('key-watch', NOW, 3, undefined, 0)).toHaveLength(3);
  });

  test('however many rows say that they are others, they hide nothing that is due, and are told', async () => {
    const first = aWatch({ dueAt: after(-1_000) });
    const later = Array.from({ length: 8 }, (_, at) => aWatch({ kmsKeyArn: anArn(`key-${at}`), dueAt: after(at) }));
    await put('key-watch', first, ...later);
    const copies = Array.from({ length: 30 }, (_, at) => anArn(`copy-${at}`));
    for (const copy of copies) await misplace('key-watch', anArn(), copy);
    const leftOut: string[] = [];

    const due = await store.due('key-watch', after(8), 9, (key) => leftOut.push(key));

    expect(due.map(({ kmsKeyArn }) => kmsKeyArn)).toEqual([first, ...later].map(({ kmsKeyArn }) => kmsKeyArn));
    expect(leftOut.sort()).toEqual(copies.map((copy) => `key-watch#${copy}`).sort());
  });

  test('a row is due while it says when, and out of sight once it does not', async () => {
    const stop = { stopId: 'stop-1', kmsKeyArn: anArn(), reason: 'used', at: NOW } as const;
    await put('retirement-stop', { ...stop, dueAt: NOW, revision: 0 }, { ...stop, stopId: 'stop-2', revision: 0 });

    expect(await store.due('retirement-stop', NOW, 10)).toEqual([{ ...stop, dueAt: NOW, revision: 1 }]);
    await put('retirement-stop', { ...stop, revision: 1 });

    expect(await store.due('retirement-stop', after(86_400_000), 10)).toEqual([]);
    expect(await store.find('retirement-stop', 'stop-1')).toEqual({ ...stop, revision: 2 });
  });

  test('a row that is due never is in a page until its date is taken away, and never due; what is due at any time is before it', async () => {
    await put('incident', anIncident({ dueAt: NEVER }), anIncident({ incidentId: 'incident-2', dueAt: after(1) }));
    const beforeNever = after(-1, NEVER);

    expect((await everyRow('incident')).map(({ incidentId }) => incidentId).sort()).toEqual([
      'incident-1',
      'incident-2',
    ]);
    expect((await store.due('incident', beforeNever, 10)).map(({ incidentId }) => incidentId)).toEqual(['incident-2']);

    const { dueAt: _out, ...over } = anIncident({ state: 'closed', revision: 1 });
    await put('incident', over);
    expect((await everyRow('incident')).map(({ incidentId }) => incidentId)).toEqual(['incident-2']);
  });

  test('every row of an entity type is in exactly one page, however they fall due', async () => {
    const arns = Array.from({ length: 9 }, (_, at) => anArn(`key-${at}`));
    await put('rotation-policy', ...arns.map((kmsKeyArn, at) => aPolicy({ kmsKeyArn, dueAt: after(at % 3) })));
    await put('key-watch', aWatch());

    expect((await everyRow('rotation-policy')).map(({ kmsKeyArn }) => kmsKeyArn).sort()).toEqual(arns);
  });

  test.each(['x', '{}', '[]', 'null', '[4]', '[0.5]', '["0"]', '[0,{"pk":"x"}]', '[0,{"pk":1,"due":"x","dueAt":"y"}]'])(
    'a page after %s, which no page gave, is refused by the name of the field',
    (after) =>
      expect(store.page('rotation-policy', { limit: 2, after })).rejects.toMatchObject({
        code: 'input.invalid',
        details: { field: 'after' },
      }),
  );
}

function aFact(factId: string) {
  return keyRotated.of({
    factId,
    at: NOW,
    rotationId: 'rotation-1',
    kmsKeyArn: anArn(),
    strategy: 'replace',
    startedBy: 'schedule',
    fromKeyMaterialId: aMaterial(1),
    toKmsKeyArn: anArn('new'),
    toKeyMaterialId: aMaterial(2),
    reencrypt: true,
  });
}

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
