/** Rows that somebody copied from where they belong to where others belong: nothing opens, and nothing is protected with them. */
import fc from 'fast-check';
import { envelopeWorld, PLACE, refusalOf } from '../../../test/support/envelope-world';
import { aDataStore, aKmsKey, anArn } from '../../../test/support/make';
import { EnvelopeError } from '../errors';
import type { Place } from '../place';
import { reprotect } from '../reprotect';

const SEED = process.env['SEED'];
const HELLO = Buffer.from('hello');

/** Two customers that share a KMS key, and two that have their own. */
const PLACES: readonly (readonly [Place, string])[] = ['acme', 'globex', 'hooli', 'initech'].flatMap((customerId, at) =>
  ['documents', 'mails'].map((dataStoreId) => [{ customerId, dataStoreId }, at < 2 ? 'shared' : customerId] as const),
);

/** Two messages in each place, each under a data key of its own. */
async function protectedWorld() {
  const world = envelopeWorld();
  for (const [place, keyName] of PLACES) world.store(place, keyName);
  const writer = world.process({ usesMax: 1 });
  const messages = [];
  for (const [place] of [...PLACES, ...PLACES]) {
    const known = new Set(world.dataKeys.all().map(({ dataKeyId }) => dataKeyId));
    const container = await writer.encrypt(place, HELLO);
    const row = world.dataKeys.all().find(({ dataKeyId }) => !known.has(dataKeyId));
    if (!row) throw new Error('the message was to have a data key of its own');
    messages.push({ place, container, row });
  }
  return { world, messages };
}

test(`any permutation of rows of data keys between names opens nothing, and protects nothing new (SEED=${SEED ?? 'random'})`, async () => {
  const { world, messages } = await protectedWorld();
  const order = messages.map((_, at) => at);
  let [opened, refused, protectedAnew] = [0, 0, 0];
  const permuted = fc.record({
    from: fc.shuffledSubarray(order, { minLength: order.length }),
    // As a plain copy leaves it, or with every attribute made to fit.
    isRewritten: fc.boolean(),
  });

  await fc.assert(
    fc.asyncProperty(permuted, async ({ from, isRewritten }) => {
      for (const [at, { row }] of messages.entries())
        world.dataKeys.misplace(messages[from[at] ?? at]?.row ?? row, row);
      if (isRewritten)
        for (const row of await world.dataKeys.findAll(world.dataKeys.all())) await world.dataKeys.replace(row);

      const reader = world.process({ windowMs: 0 });
      for (const [at, { place, container }] of messages.entries()) {
        const answer = await reader.decrypt(place, container).catch((error: unknown) => error);
        if (from[at] === at) expect(answer).toEqual(HELLO);
        else expect(answer).toMatchObject({ code: 'KEY_UNAVAILABLE', retryable: false });
        if (from[at] === at) opened += 1;
        else refused += 1;
      }

      const fresh = await Promise.all(
        PLACES.map(async ([place]) => ({
          place,
          container: await reader.encrypt(place, HELLO).catch(() => undefined),
        })),
      );
      for (const { row } of messages) world.dataKeys.misplace(row, row);
      for (const { place, container } of fresh)
        if (container) {
          expect(await world.process().decrypt(place, container)).toEqual(HELLO);
          protectedAnew += 1;
        }
    }),
    { numRuns: 150, ...(SEED && { seed: Number(SEED) }) },
  );

  expect(Math.min(opened, refused, protectedAnew)).toBeGreaterThan(0);
  // The KMS keys are well: nobody is to be woken for them.
  expect(world.failures).toEqual([]);
});

test('data of one customer does not open as another’s by a copy of their data key’s row', async () => {
  const { world, messages } = await protectedWorld();
  const [mine, theirs] = [messages.at(0), messages.at(2)];
  if (!mine || !theirs) throw new Error('there are messages');
  const { dataKeyId } = mine.row;
  world.dataKeys.misplace(mine.row, { ...theirs.place, dataKeyId });

  const refusal = await refusalOf(world.process().decrypt(theirs.place, mine.container));

  expect(refusal).toMatchObject({ code: 'KEY_UNAVAILABLE', reason: 'store.row-misplaced', retryable: false });
  expect(String(refusal)).not.toContain(mine.place.customerId);
});

test('a record whose data key’s row was copied there is left, and the scan goes on to those behind it', async () => {
  const { world, messages } = await protectedWorld();
  const mine = messages.filter(({ row }) => row.customerId === 'acme' && row.dataStoreId === 'documents');
  const [first, second] = mine;
  if (!first || !second) throw new Error('there are two messages in the place');
  world.dataKeys.misplace(second.row, first.row);
  const unreadable: string[] = [];

  const scan = await reprotect({
    envelope: world.process(),
    place: first.place,
    records: mine,
    containerOf: ({ container }) => container,
    write: async () => true,
    onUnreadable: (_, code) => unreadable.push(code),
  });

  expect(scan).toMatchObject({ looked: 2, left: 1 });
  expect(unreadable).toEqual(['KEY_UNAVAILABLE']);
});

test('a data store’s row that was copied from another customer protects nothing under their KMS key', async () => {
  const { world } = await protectedWorld();
  world.control.misplace('data-store', 'hooli/documents', 'initech/documents');

  const refusal = await refusalOf(world.process().encrypt({ customerId: 'initech', dataStoreId: 'documents' }, HELLO));

  expect(refusal).toMatchObject({ code: 'KEY_UNAVAILABLE', reason: 'store.row-misplaced' });
});

test('a data store’s row that was made to name another customer’s KMS key protects nothing under it', async () => {
  const { world } = await protectedWorld();
  const initech = { customerId: 'initech', dataStoreId: 'documents' };
  world.control.given('data-store', aDataStore({ ...initech, kmsKeyArn: anArn('hooli'), revision: 2 }));
  world.calls.length = 0;

  const refusal = await refusalOf(world.process().encrypt(initech, HELLO));

  expect(refusal).toMatchObject({ code: 'KEY_UNAVAILABLE', reason: 'state.forbids', retryable: false });
  expect(String(refusal)).not.toContain('hooli');
  expect(world.calls).toEqual([]);
});

test('a data key that was wrapped in a customer’s name under another customer’s KMS key is not used', async () => {
  const { world } = await protectedWorld();
  const initech = { customerId: 'initech', dataStoreId: 'documents', dataKeyId: 'zzz' };
  const context = Object.fromEntries(Object.entries(initech).map(([field, value]) => [`keywright:${field}`, value]));
  const { plaintext, ...wrapping } = await world.kms.generate(aKmsKey({ kmsKeyArn: anArn('hooli') }), context);
  const [row] = world.dataKeys.all();
  if (row) world.dataKeys.misplace({ ...row, ...initech, ...wrapping }, initech);
  world.control.given('data-store', aDataStore({ ...initech, kmsKeyArn: anArn('hooli'), revision: 2 }));

  expect(plaintext).toHaveLength(32);
  expect(await refusalOf(world.process().encrypt(initech, HELLO))).toMatchObject({ reason: 'state.forbids' });
});

test('a KMS key’s row that was copied to another key is not used for either', async () => {
  const world = envelopeWorld();
  const kmsKeyArn = world.store();
  const container = await world.process().encrypt(PLACE, HELLO);
  world.control.given(
    'kms-key',
    aKmsKey({
      kmsKeyArn: anArn('other'),
      access: { via: 'role', roleArn: 'arn:aws:iam::999988887777:role/keywright-x', externalId: 'x' },
    }),
  );
  world.control.misplace('kms-key', anArn('other'), kmsKeyArn);

  const refusal = await refusalOf(world.process().decrypt(PLACE, container));

  expect(refusal).toBeInstanceOf(EnvelopeError);
  expect(refusal).toMatchObject({ code: 'KEY_UNAVAILABLE', reason: 'store.row-misplaced' });
});
