/** A scan of an application over its own records. */

import { envelopeWorld, MINUTE_MS, PLACE, refusalOf } from '../../../test/support/envelope-world';
import { read } from '../container';
import type { Envelope } from '../envelope';
import { type Reprotection, reprotect } from '../reprotect';

interface Item {
  readonly id: number;
  readonly container: Uint8Array;
}

/** So many records under one data key, which is then compromised; and an envelope that has nothing cached. */
async function leaked(records: number) {
  const world = envelopeWorld();
  world.store();
  const writer = world.process();
  const table = new Map<number, Uint8Array>();
  for (let id = 0; id < records; id += 1) table.set(id, await writer.encrypt(PLACE, Buffer.from(`record ${id}`)));
  const [dataKey] = world.dataKeys.all();
  if (dataKey) {
    await world.dataKeys.replace({ ...dataKey, compromised: { compromiseId: 'c-1', at: dataKey.createdAt } });
  }
  world.pass(65 * MINUTE_MS);
  const envelope = world.process();
  return { ...world, table, envelope, leakedId: dataKey?.dataKeyId ?? '' };
}

type Leaked = Awaited<ReturnType<typeof leaked>>;

/** As an application does it: in the order of its ids, on the condition that the record is the one that was read. */
const scanOf = (world: Leaked, more: Partial<Reprotection<Item>> = {}): Promise<unknown> =>
  reprotect<Item>({
    envelope: world.envelope,
    place: PLACE,
    records: itemsFrom(world.table),
    containerOf: ({ container }) => container,
    async write({ id, container }, renewed) {
      if (world.table.get(id) !== container) return false;
      world.table.set(id, renewed);
      return true;
    },
    nowMs: world.nowMs,
    ...more,
  });

function* itemsFrom(table: ReadonlyMap<number, Uint8Array>, behind = -1): Iterable<Item> {
  for (const [id, container] of table) if (id > behind) yield { id, container };
}

const underLeaked = ({ table, leakedId }: Leaked) =>
  [...table.values()].filter((container) => read(container).dataKeyId === leakedId).length;

async function textsOf({ table }: Leaked, envelope: Envelope): Promise<string[]> {
  const plaintexts = await Promise.all([...table.values()].map((container) => envelope.decrypt(PLACE, container)));
  return plaintexts.map((plaintext) => Buffer.from(plaintext).toString());
}

test('every record is protected anew, says the same as before, and a second scan finds nothing to do', async () => {
  const world = await leaked(250);

  const first = await scanOf(world);
  const second = await scanOf(world);

  const startedAt = new Date(world.nowMs()).toISOString();
  expect(first).toEqual({ startedAt, looked: 250, reprotected: 250, left: 0 });
  expect(second).toEqual({ startedAt, looked: 250, reprotected: 0, left: 0 });
  expect(underLeaked(world)).toBe(0);
  expect(await textsOf(world, world.process())).toEqual(Array.from({ length: 250 }, (_, id) => `record ${id}`));
});

test('a record that somebody changed meanwhile is not overwritten, and counts as left', async () => {
  const world = await leaked(3);
  const changed = await world.process().encrypt(PLACE, Buffer.from('changed'));
  const records = [...itemsFrom(world.table)];
  world.table.set(1, changed);

  expect(await scanOf(world, { records })).toMatchObject({ looked: 3, reprotected: 2, left: 1 });
  expect(world.table.get(1)).toBe(changed);
});

test('a record that cannot be read is told, counted as left, and keeps no other back', async () => {
  const world = await leaked(3);
  world.table.set(1, Buffer.from('no container'));
  const unreadable: unknown[] = [];

  const scan = await scanOf(world, { onUnreadable: ({ id }, code) => unreadable.push([id, code]) });

  expect(scan).toMatchObject({ looked: 3, reprotected: 2, left: 1 });
  expect(unreadable).toEqual([[1, 'NOT_PROTECTED_DATA']]);
});

test('a scan that is stopped goes on from the last place told, and counts as one', async () => {
  const world = await leaked(250);
  const told: { scan: { looked: number }; last: number }[] = [];
  const noting: Partial<Reprotection<Item>> = {
    onProgress(scan, { id }) {
      told.push({ scan, last: id });
      if (told.length === 2) throw new Error('the process is stopped');
    },
  };
  await expect(scanOf(world, noting)).rejects.toThrow('stopped');
  const { scan, last } = told[1] ?? { scan: undefined, last: -1 };

  const whole = await scanOf(world, { from: scan as never, records: itemsFrom(world.table, last) });

  expect(told.map(({ scan: { looked }, last: id }) => [looked, id])).toEqual([
    [100, 99],
    [200, 199],
  ]);
  expect(whole).toMatchObject({ looked: 250, reprotected: 250, left: 0 });
});

test('a KMS key that cannot be used stops the scan: nothing behind the last place told counts', async () => {
  const world = await leaked(5);
  world.kms.become(world.store(), 'Disabled');

  expect(await refusalOf(scanOf(world))).toMatchObject({ code: 'KEY_UNAVAILABLE' });
  expect(underLeaked(world)).toBe(5);
});
