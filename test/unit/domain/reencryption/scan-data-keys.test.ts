import fc from 'fast-check';
import { type DataKeyName, SHARDS } from '../../../../shared/domain/keys/data-key';
import type { DataKeyPage, DataKeyStore } from '../../../../shared/domain/keys/ports';
import { type ScanOf, scanAll, scanFrom, scanning } from '../../../../shared/domain/reencryption/scan-data-keys';
import type { ScanPlace } from '../../../../shared/domain/reencryption/scan-place';
import { aDataKey, aDataStore, anArn } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { memoryDataKeyStore } from '../../../support/memory-data-key-store';

/** A data store and how many data keys it has, under the key or under another. */
type Stored = readonly [customerId: string, dataStoreId: string, dataKeys: number, isUnder: boolean];

async function storesOf(stored: readonly Stored[]) {
  const control = memoryControlStore();
  const dataKeys = memoryDataKeyStore(control);
  for (const [customerId, dataStoreId, count, isUnder] of stored) {
    const kmsKeyArn = anArn(isUnder ? 'one' : 'two');
    control.given('data-store', aDataStore({ customerId, dataStoreId, kmsKeyArn, revision: 1 }));
    for (let at = 0; at < count; at += 1)
      await dataKeys.create(aDataKey({ customerId, dataStoreId, dataKeyId: `data-key-${at}`, kmsKeyArn }));
  }
  const read: (string | undefined)[] = [];
  const scan: DataKeyStore['scan'] = (under, ...asked) => {
    read.push(under.within?.customerId);
    return dataKeys.scan(under, ...asked);
  };
  return { ports: { control, dataKeys: { scan } }, read };
}

const OF_ACME: ScanOf = { key: { kmsKeyArn: anArn(), customerId: 'acme' } };
const nameOf = ({ customerId, dataStoreId, dataKeyId }: DataKeyName) => `${customerId}/${dataStoreId}/${dataKeyId}`;

async function segmentOf(
  what: ScanOf,
  segment: number,
  limit: number,
  { ports }: Awaited<ReturnType<typeof storesOf>>,
) {
  const read = scanning(what, ports);
  const names: string[] = [];
  let page: DataKeyPage = await read(segment, { limit });
  names.push(...page.dataKeys.map(nameOf));
  while (page.next !== undefined) {
    // Each page as another process reads it, which knows nothing but where the last one ended.
    page = await scanning(what, ports)(segment, { limit, after: page.next });
    names.push(...page.dataKeys.map(nameOf));
  }
  return names;
}

test('whatever the data stores and pages are, each data key under a customer’s key is in exactly one segment, once', async () => {
  const stored = fc.array(
    fc.tuple(fc.constant('acme'), fc.string({ minLength: 1, maxLength: 3 }), fc.nat(5), fc.boolean()),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(stored, fc.integer({ min: 1, max: 4 }), async (all, limit) => {
      const unique = [...new Map(all.map((one) => [one[1], one])).values()];
      const world = await storesOf(unique);
      const segments = Array.from({ length: SHARDS }, (_, segment) => segmentOf(OF_ACME, segment, limit, world));

      const found = (await Promise.all(segments)).flat().sort();

      const expected = unique.flatMap(([customerId, dataStoreId, count, isUnder]) =>
        isUnder ? Array.from({ length: count }, (_, at) => `${customerId}/${dataStoreId}/data-key-${at}`) : [],
      );
      expect(found).toEqual(expected.sort());
    }),
    { numRuns: 200 },
  );
});

test('of a key that is one customer’s nobody else’s data stores are read', async () => {
  const world = await storesOf([
    ['acme', 'documents', 2, true],
    ['globex', 'documents', 2, false],
  ]);

  for await (const dataKey of scanAll(OF_ACME, world.ports)) expect(dataKey.customerId).toBe('acme');

  expect(new Set(world.read)).toEqual(new Set(['acme']));
});

test('of a key that customers share the whole table is read', async () => {
  const world = await storesOf([
    ['acme', 'documents', 2, true],
    ['globex', 'documents', 2, true],
  ]);
  const names: string[] = [];

  for await (const dataKey of scanAll({ key: { kmsKeyArn: anArn() } }, world.ports)) names.push(nameOf(dataKey));

  expect(names).toHaveLength(4);
  expect(new Set(world.read)).toEqual(new Set([undefined]));
});

test.each([
  ['one customer’s', OF_ACME],
  ['a key that customers share', { key: { kmsKeyArn: anArn() } }],
])('a scan of %s that stops at any page goes on from there: each data key once', async (_, what) => {
  const world = await storesOf([
    ['acme', 'archive', 3, true],
    ['acme', 'documents', 2, true],
    ['acme', 'exports', 1, true],
  ]);
  const names: string[] = [];

  for (let next: ScanPlace | undefined = { segment: 0 }; next; )
    for await (const page of scanFrom(next, what, world.ports)) {
      names.push(...page.dataKeys.map(nameOf));
      next = page.next;
      break;
    }

  expect(names).toHaveLength(6);
  expect(new Set(names).size).toBe(6);
});
