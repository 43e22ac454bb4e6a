/** The promises of `DataKeyStore`, for every implementation of it. */
import { type DataKey, type DataKeyName, SHARDS } from '../../shared/domain/keys/data-key';
import type { DataKeyPage, DataKeyStore } from '../../shared/domain/keys/ports';
import type { ControlStore } from '../../shared/domain/ports';
import { dataStoreKey } from '../../shared/domain/rows';
import { aDataKey, aDataStore, aMaterial, anArn, NOW } from '../support/make';

const WRAPPING = { kmsKeyArn: anArn(), keyMaterialId: aMaterial(1) };

interface Opened {
  readonly control: ControlStore;
  readonly store: DataKeyStore;
  /** Copies the row of a data key, as it is, to where another is kept. */
  misplace(from: DataKeyName, to: DataKeyName): Promise<void>;
}

/** @param open Stores with nothing in them; the index of data keys shows at once what was written. */
export function dataKeyStoreContract(open: () => Promise<Opened>): void {
  let control: ControlStore;
  let store: DataKeyStore;
  let misplace: Opened['misplace'];
  beforeEach(async () => {
    ({ control, store, misplace } = await open());
    await nameKey(aDataKey());
  });

  /** The data store of a data key names the KMS key that the data key is under. */
  const nameKey = async ({ customerId, dataStoreId, kmsKeyArn }: DataKey) => {
    const row = await control.find('data-store', dataStoreKey(customerId, dataStoreId));
    if (row?.kmsKeyArn === kmsKeyArn) return;
    const { revision } = row ?? { revision: 0 };
    const named = aDataStore({ customerId, dataStoreId, kmsKeyArn, revision });
    await control.commit({ writes: [{ entityType: 'data-store', row: named }], facts: [] });
  };

  const given = async (...dataKeys: readonly DataKey[]) => {
    for (const dataKey of dataKeys) {
      await nameKey(dataKey);
      await store.create(dataKey);
    }
  };

  test('a data key is found as it was created, with revision 1 and its bytes', async () => {
    const created = await store.create(aDataKey({ wrapped: new Uint8Array([0, 128, 255]) }));

    expect(created.revision).toBe(1);
    expect(plain(await store.find(aDataKey()))).toEqual(plain(created));
    expect(plain(created)?.wrapped).toEqual([0, 128, 255]);
  });

  test('a data key that nobody created is not found', async () => {
    expect(await store.find(aDataKey())).toBeUndefined();
    expect(await store.newest('acme', 'documents')).toBeUndefined();
  });

  test('a data key of the same name is not created twice', async () => {
    await given(aDataKey());

    await expect(store.create(aDataKey({ keyMaterialId: aMaterial(9) }))).rejects.toMatchObject({
      code: 'state.changed-meanwhile',
    });
    expect(await store.find(aDataKey())).toMatchObject({ keyMaterialId: aMaterial(1) });
  });

  test('nothing new is stored under a key that the data store no longer names', async () => {
    await nameKey(aDataKey({ kmsKeyArn: anArn('new') }));

    await expect(store.create(aDataKey())).rejects.toMatchObject({ code: 'state.changed-meanwhile', retry: true });
    expect(await store.find(aDataKey())).toBeUndefined();
  });

  test('nothing is stored for a data store that is not registered', async () => {
    const stray = store.create(aDataKey({ dataStoreId: 'nowhere' }));

    await expect(stray).rejects.toMatchObject({ code: 'state.changed-meanwhile' });
  });

  test('a data key is replaced by whoever read its last revision', async () => {
    const created = await store.create(aDataKey());

    const replaced = await store.replace({ ...created, keyMaterialId: aMaterial(2) });

    expect(replaced).toMatchObject({ revision: 2, keyMaterialId: aMaterial(2) });
    expect(await store.find(created)).toMatchObject({ revision: 2, keyMaterialId: aMaterial(2) });
  });

  test('a data key is never overwritten by one that was decided on an older revision', async () => {
    const created = await store.create(aDataKey());
    await store.replace({ ...created, keyMaterialId: aMaterial(2) });

    const late = store.replace({ ...created, keyMaterialId: aMaterial(3) });

    await expect(late).rejects.toMatchObject({ code: 'state.changed-meanwhile', retry: true });
    expect(await store.find(created)).toMatchObject({ revision: 2, keyMaterialId: aMaterial(2) });
  });

  test('a data key that does not exist is not replaced into existence', async () => {
    await expect(store.replace(aDataKey({ revision: 1 }))).rejects.toMatchObject({ code: 'state.changed-meanwhile' });
    expect(await store.find(aDataKey())).toBeUndefined();
  });

  test('why a data key was quarantined is forgotten when it is replaced without it', async () => {
    const quarantined = { jobId: 'job-1', reason: 'no', at: NOW };
    const created = await store.create(aDataKey({ quarantined }));
    const { quarantined: _gone, ...mended } = created;

    await store.replace(mended);

    expect(await store.find(created)).not.toHaveProperty('quarantined');
  });

  describe('a row that was copied to where another is kept', () => {
    const victim = aDataKey({ customerId: 'zeta', dataKeyId: 'data-key-9' });
    beforeEach(async () => {
      await given(aDataKey());
      await misplace(aDataKey(), victim);
    });

    test('is never given for use, and what it was copied from is', async () => {
      const refusal = { code: 'store.row-misplaced', retry: false };

      await expect(store.find(victim)).rejects.toMatchObject(refusal);
      await expect(store.newest('zeta', 'documents')).rejects.toMatchObject(refusal);
      await expect(store.find(victim)).rejects.not.toThrow('acme');
      expect(await store.find(aDataKey())).toMatchObject({ customerId: 'acme' });
    });

    test('is counted under the name that it is kept under, with all the others', async () => {
      const names = [aDataKey(), victim].map(({ customerId, dataKeyId }) => `${customerId} ${dataKeyId}`);
      const namesOf = (dataKeys: readonly DataKey[]) =>
        dataKeys.map(({ customerId, dataKeyId }) => `${customerId} ${dataKeyId}`).sort();

      expect(namesOf(await store.findAll([aDataKey(), victim]))).toEqual(names);
      expect(namesOf(await scanned(store, { kmsKeyArn: anArn() }))).toEqual(names);
      expect(namesOf(await everyUnder(store))).toEqual(names);
      expect((await scanned(store, { within: victim })).map(({ dataKeyId }) => dataKeyId)).toContain('data-key-9');
    });

    test('is no data key of the data store that it says it is of', async () => {
      const within = { customerId: 'acme', dataStoreId: 'documents' };
      const pages = shards().map((shard) => store.underWrapping(WRAPPING, shard, { ...page(7), within }));

      const found = (await Promise.all(pages)).flatMap(({ dataKeys }) => dataKeys);

      expect(found.map(({ customerId }) => customerId)).toEqual(['acme']);
    });

    test('is quarantined where it is kept, and what it was copied from stays as it is', async () => {
      const [copied] = await store.findAll([victim]);
      const quarantined = { jobId: 'job-1', reason: 'no', at: NOW };
      if (copied) await store.replace({ ...copied, quarantined });

      expect((await store.findAll([victim]))[0]).toMatchObject({ customerId: 'zeta', quarantined });
      expect(await store.find(aDataKey())).not.toHaveProperty('quarantined');
      expect(await everyUnder(store, WRAPPING, 'job-1')).toHaveLength(1);
    });
  });

  test('the newest data key is the last of its own data store', async () => {
    await given(
      aDataKey({ dataKeyId: '01' }),
      aDataKey({ dataKeyId: '03' }),
      aDataKey({ dataKeyId: '02' }),
      aDataKey({ dataKeyId: '09', dataStoreId: 'documents-2' }),
      aDataKey({ dataKeyId: '09', customerId: 'zeta' }),
    );

    expect(await store.newest('acme', 'documents')).toMatchObject({ dataKeyId: '03' });
  });

  test('many are found together, and those that do not exist are left out', async () => {
    const names = ids(100).map((dataKeyId) => aDataKey({ dataKeyId }));
    await given(...names.slice(0, 60));

    const found = await store.findAll(names);

    expect(found.map(({ dataKeyId }) => dataKeyId).sort()).toEqual(ids(60));
    expect(await store.findAll([])).toEqual([]);
  });

  test('names with separators in them do not meet', async () => {
    await given(aDataKey({ customerId: 'a#b', dataStoreId: 'c' }), aDataKey({ customerId: 'a', dataStoreId: 'b#c' }));

    expect(await store.newest('a', 'b#c')).toMatchObject({ customerId: 'a' });
    expect(await everyUnder(store)).toHaveLength(2);
  });

  test('the index shows every data key of a wrapping in exactly one shard, and counts the same', async () => {
    await given(...ids(40).map((dataKeyId) => aDataKey({ dataKeyId })));
    await given(
      aDataKey({ dataKeyId: 'x', keyMaterialId: aMaterial(2) }),
      aDataKey({ dataKeyId: 'y', kmsKeyArn: anArn('z') }),
    );

    const found = await everyUnder(store);
    const counts = await Promise.all(shards().map((shard) => store.countUnder(WRAPPING, shard)));

    expect(found.map(({ dataKeyId }) => dataKeyId).sort()).toEqual(ids(40));
    expect(counts.reduce((sum, count) => sum + count)).toBe(40);
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(1);
  });

  test('a data key that was replaced is found where it is wrapped now, and no longer where it was', async () => {
    const created = await store.create(aDataKey());
    await store.replace({ ...created, keyMaterialId: aMaterial(2) });

    expect(await everyUnder(store)).toEqual([]);
    expect(await everyUnder(store, { ...WRAPPING, keyMaterialId: aMaterial(2) })).toHaveLength(1);
  });

  test('pages of the index hold no more than asked for, and together everything', async () => {
    await given(...ids(30).map((dataKeyId) => aDataKey({ dataKeyId })));

    const pages = (
      await Promise.all(
        shards().map((shard) => pagesOf((after) => store.underWrapping(WRAPPING, shard, page(2, after)))),
      )
    ).flat();

    expect(Math.max(...pages.map((dataKeys) => dataKeys.length))).toBe(2);
    expect(
      pages
        .flat()
        .map(({ dataKeyId }) => dataKeyId)
        .sort(),
    ).toEqual(ids(30));
  });

  test('a page goes on behind its last data key even if that one was replaced meanwhile', async () => {
    await given(...ids(30).map((dataKeyId) => aDataKey({ dataKeyId })));

    const seen: string[] = [];
    for (const shard of shards()) {
      let after: string | undefined;
      do {
        const { dataKeys, next } = await store.underWrapping(WRAPPING, shard, page(2, after));
        for (const dataKey of dataKeys) await store.replace({ ...dataKey, keyMaterialId: aMaterial(2) });
        seen.push(...dataKeys.map(({ dataKeyId }) => dataKeyId));
        after = next;
      } while (after !== undefined);
    }

    expect(seen.sort()).toEqual(ids(30));
  });

  test('what one job has quarantined is left out for that job only', async () => {
    const quarantined = { jobId: 'job-1', reason: 'no', at: NOW };
    await given(aDataKey({ dataKeyId: 'good' }), aDataKey({ dataKeyId: 'bad', quarantined }));

    expect((await everyUnder(store, WRAPPING, 'job-1')).map(({ dataKeyId }) => dataKeyId)).toEqual(['good']);
    expect(await everyUnder(store, WRAPPING, 'job-2')).toHaveLength(2);
    expect((await scanned(store, { kmsKeyArn: anArn() }, 'job-1')).map(({ dataKeyId }) => dataKeyId)).toEqual(['good']);
    expect(await scanned(store, { kmsKeyArn: anArn() }, 'job-2')).toHaveLength(2);
  });

  test('a scan finds everything under a key, whatever its material, in exactly one segment', async () => {
    await given(...ids(40).map((dataKeyId, n) => aDataKey({ dataKeyId, keyMaterialId: aMaterial(n % 3) })));
    await given(aDataKey({ dataKeyId: 'other', kmsKeyArn: anArn('other') }));

    const found = await scanned(store, { kmsKeyArn: anArn() });

    expect(found.map(({ dataKeyId }) => dataKeyId).sort()).toEqual(ids(40));
  });

  test('a scan finds what was under a key before only when it is asked for that, too', async () => {
    const left = { [anArn()]: NOW };
    await given(aDataKey({ dataKeyId: 'under' }));
    await given(aDataKey({ dataKeyId: 'moved', kmsKeyArn: anArn('new'), formerly: left }));
    await given(aDataKey({ dataKeyId: 'never', kmsKeyArn: anArn('new') }));

    const idsUnder = async (evenFormerly: boolean) =>
      (await scanned(store, { kmsKeyArn: anArn(), evenFormerly })).map(({ dataKeyId }) => dataKeyId).sort();

    expect(await idsUnder(false)).toEqual(['under']);
    expect(await idsUnder(true)).toEqual(['moved', 'under']);
  });

  test('a data store’s data keys are read page by page, whatever they are under, and no neighbour’s', async () => {
    const under = [anArn(), anArn('two')];
    for (const [at, kmsKeyArn] of under.entries()) await given(aDataKey({ dataKeyId: `a${at}`, kmsKeyArn }));
    await given(aDataKey({ dataStoreId: 'documents-2' }), aDataKey({ customerId: 'acm', dataStoreId: 'e#documents' }));
    const dataStore = { customerId: 'acme', dataStoreId: 'documents' };

    const first = await store.scan({ within: dataStore }, 0, { limit: 1 });
    const found = (await pagesOf((after) => store.scan({ within: dataStore }, 0, page(1, after)))).flat();

    const ofTwo = { kmsKeyArn: anArn('two'), exceptKeyMaterialId: aMaterial(9), within: dataStore };
    const underTwo = (await pagesOf((after) => store.scan(ofTwo, 5, page(1, after)))).flat();

    expect(first.dataKeys).toHaveLength(1);
    expect(underTwo.map(({ dataKeyId }) => dataKeyId)).toEqual(['a1']);
    expect(found.map(({ dataKeyId, kmsKeyArn }) => [dataKeyId, kmsKeyArn])).toEqual([
      ['a0', under[0]],
      ['a1', under[1]],
    ]);
  });

  test('the index is read and counted for one data store, leaving out its neighbours', async () => {
    const within = { customerId: 'acme', dataStoreId: 'documents' };
    const others = [{ dataStoreId: 'documents-2' }, { dataStoreId: 'documents#x' }, { customerId: 'acme2' }];
    await given(aDataKey(), ...others.map((fields) => aDataKey(fields)));

    const pages = shards().map((shard) =>
      pagesOf((after) => store.underWrapping(WRAPPING, shard, { ...page(7, after), within })),
    );
    const counts = await Promise.all(shards().map((shard) => store.countUnder(WRAPPING, shard, within)));

    expect((await Promise.all(pages)).flat(2).map(({ dataStoreId }) => dataStoreId)).toEqual(['documents']);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  test('the index, asked for what the table has there, shows what the table has there', async () => {
    await given(aDataKey(), aDataKey({ dataKeyId: 'other', keyMaterialId: aMaterial(2) }));

    const pages = shards().map((shard) => store.underWrapping(WRAPPING, shard, { ...page(7), inTable: true }));

    expect((await Promise.all(pages)).flatMap(({ dataKeys }) => dataKeys).map(({ dataKeyId }) => dataKeyId)).toEqual([
      aDataKey().dataKeyId,
    ]);
  });

  test('a scan can leave out one material', async () => {
    await given(...ids(30).map((dataKeyId, n) => aDataKey({ dataKeyId, keyMaterialId: aMaterial(n % 3) })));

    const found = await scanned(store, { kmsKeyArn: anArn(), exceptKeyMaterialId: aMaterial(0) });

    expect(found).toHaveLength(20);
    expect(found.every(({ keyMaterialId }) => keyMaterialId !== aMaterial(0))).toBe(true);
  });
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => `key-${String(n).padStart(4, '0')}`);
const shards = () => Array.from({ length: SHARDS }, (_, shard) => shard);
const page = (limit: number, after?: string, job?: string) => ({
  limit,
  ...(after !== undefined && { after }),
  ...(job !== undefined && { exceptQuarantinedBy: job }),
});

export async function pagesOf(read: (after?: string) => Promise<DataKeyPage>): Promise<(readonly DataKey[])[]> {
  const pages: (readonly DataKey[])[] = [];
  let after: string | undefined;
  do {
    const { dataKeys, next } = await read(after);
    pages.push(dataKeys);
    after = next;
  } while (after !== undefined);
  return pages;
}

async function everyUnder(store: DataKeyStore, wrapping = WRAPPING, job?: string): Promise<DataKey[]> {
  const pages = shards().map((shard) => pagesOf((after) => store.underWrapping(wrapping, shard, page(7, after, job))));
  return (await Promise.all(pages)).flat(2);
}

async function scanned(
  store: DataKeyStore,
  under: Parameters<DataKeyStore['scan']>[0],
  job?: string,
): Promise<DataKey[]> {
  const pages = shards().map((segment) => pagesOf((after) => store.scan(under, segment, page(3, after, job))));
  return (await Promise.all(pages)).flat(2);
}

/** Bytes as numbers: engines give back `Buffer` or `Uint8Array`. */
const plain = (dataKey: DataKey | undefined) => dataKey && { ...dataKey, wrapped: [...dataKey.wrapped] };
