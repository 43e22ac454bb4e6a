/** What the library promises an application: its data back, or a refusal, and never anything else. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import { KeywrightError } from '../../../shared/domain/errors';
import { distinct } from '../../../test/support/distinct';
import { envelopeWorld, MINUTE_MS, PLACE, refusalOf } from '../../../test/support/envelope-world';
import { aDataStore, aKmsKey, anArn } from '../../../test/support/make';
import { randomOf } from '../../../test/support/random';
import { read } from '../container';
import type { Envelope } from '../envelope';
import { EnvelopeError } from '../errors';

const HELLO = Buffer.from('hello');
const DAY_MS = 86_400_000;
const SEED = Number(process.env['SEED'] ?? 1);

const places = (customers: number, stores: number) =>
  Array.from({ length: customers * stores }, (_, at) => ({
    customerId: `customer-${at % customers}`,
    dataStoreId: `store-${Math.floor(at / customers)}`,
  }));

function oneStore() {
  const world = envelopeWorld();
  const kmsKeyArn = world.store();
  return { world, kmsKeyArn };
}

/** Gives the place another KMS key, as a rotation that replaces does. */
async function replaceKey(world: ReturnType<typeof envelopeWorld>, name: string): Promise<void> {
  world.kms.given(anArn(name));
  world.control.given('kms-key', aKmsKey({ kmsKeyArn: anArn(name), revision: 1 }));
  world.control.given('data-store', aDataStore({ kmsKeyArn: anArn(name), revision: 2 }));
  await world.moveTo(name);
}

describe('round trips', () => {
  test('whatever was encrypted is decrypted to the same bytes, by any process', async () => {
    const { world } = oneStore();
    const [writer, reader] = [world.process(), world.process()];
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (plaintext) => {
        const container = await writer.encrypt(PLACE, plaintext);

        expect(Buffer.from(await reader.decrypt(PLACE, container))).toEqual(Buffer.from(plaintext));
      }),
      { numRuns: 300, ...(process.env['SEED'] && { seed: SEED }) },
    );
  });

  test('the same bytes are never encrypted to the same bytes', async () => {
    const { world } = oneStore();
    const envelope = world.process();

    const containers = await Promise.all(Array.from({ length: 2000 }, () => envelope.encrypt(PLACE, HELLO)));

    expect(new Set(containers.map((container) => Buffer.from(container).toString('hex'))).size).toBe(2000);
  });

  test('ids of any characters stay apart', async () => {
    const world = envelopeWorld();
    const twins = [
      { customerId: 'a/b', dataStoreId: 'c' },
      { customerId: 'a', dataStoreId: 'b/c' },
      { customerId: 'ab', dataStoreId: 'c' },
      { customerId: 'a', dataStoreId: 'bc' },
    ];
    for (const [at, place] of twins.entries()) world.store(place, `key-${at}`);
    const envelope = world.process();

    const containers = await Promise.all(twins.map((place) => envelope.encrypt(place, HELLO)));

    expect(
      world.dataKeys
        .all()
        .map(({ kmsKeyArn }) => kmsKeyArn)
        .sort(),
    ).toEqual([0, 1, 2, 3].map((at) => anArn(`key-${at}`)));
    for (const [at, place] of twins.entries()) {
      for (const [other, container] of containers.entries()) {
        if (at === other) expect(Buffer.from(await envelope.decrypt(place, container))).toEqual(HELLO);
        else expect(await refusalOf(envelope.decrypt(place, container))).toMatchObject({ code: 'UNKNOWN_DATA_KEY' });
      }
    }
  });
});

describe('whose data it is', () => {
  test(`10,000 swaps between customers and data stores never open (SEED=${SEED})`, async () => {
    const world = envelopeWorld();
    const all = places(10, 3);
    for (const place of all) world.store(place);
    const envelope = world.process();
    const containers = await Promise.all(all.map((place) => envelope.encrypt(place, HELLO)));
    const random = randomOf(SEED);
    let refused = 0;

    for (let swap = 0; swap < 10_000; swap += 1) {
      const from = random.below(all.length);
      const to = (from + 1 + random.below(all.length - 1)) % all.length;
      const container = containers[from] ?? new Uint8Array();
      const refusal = await refusalOf(envelope.decrypt(all[to] ?? PLACE, container));
      if (refusal instanceof EnvelopeError && refusal.code === 'UNKNOWN_DATA_KEY') refused += 1;
    }

    expect(refused).toBe(10_000);
  });

  test('data does not open in another place even where a data key of the same id is wrapped there', async () => {
    const world = envelopeWorld();
    const other = { customerId: 'acme', dataStoreId: 'mails' };
    world.store();
    world.store(other);
    const ids = { next: () => 'same' };
    const envelope = world.process({}, { ids });
    const container = await envelope.encrypt(PLACE, HELLO);
    await envelope.encrypt(other, HELLO);

    expect(await refusalOf(envelope.decrypt(other, container))).toMatchObject({ code: 'TAMPERED' });
  });

  test('a wrapped data key that was copied to another customer does not open there', async () => {
    const world = envelopeWorld();
    const thief = { customerId: 'thief', dataStoreId: 'documents' };
    // Even under one KMS key for both.
    world.store(PLACE, 'shared');
    world.store(thief, 'shared');
    const container = await world.process().encrypt(PLACE, HELLO);
    const [dataKey] = world.dataKeys.all();
    if (dataKey) await world.dataKeys.create({ ...dataKey, ...thief });

    const refusal = await refusalOf(world.process().decrypt(thief, container));

    expect(refusal).toMatchObject({ code: 'KEY_UNAVAILABLE', reason: 'kms.ciphertext-refused', retryable: false });
    // The KMS key is well: what is wrong is what it was given.
    expect(world.failures).toEqual([]);
  });
});

describe('how often KMS is asked', () => {
  test('3,000 decrypts at the same time on a cold cache unwrap each data key once', async () => {
    const world = envelopeWorld();
    const all = places(10, 1);
    for (const place of all) world.store(place);
    const containers = await Promise.all(all.map((place) => world.process().encrypt(place, HELLO)));
    world.calls.length = 0;
    const reader = world.process();

    const read = await Promise.all(
      Array.from({ length: 3000 }, (_, at) => reader.decrypt(all[at % 10] ?? PLACE, containers[at % 10] ?? HELLO)),
    );

    expect(distinct(read, (plaintext) => HELLO.equals(plaintext))).toEqual([true]);
    expect(world.calls).toEqual(Array.from({ length: 10 }, () => 'unwrap'));
  });

  test('3,000 encrypts at the same time of a place without a data key make one', async () => {
    const { world } = oneStore();
    const envelope = world.process();

    await Promise.all(Array.from({ length: 3000 }, () => envelope.encrypt(PLACE, HELLO)));

    expect(world.calls).toEqual(['generate']);
    expect(world.dataKeys.all()).toHaveLength(1);
  });

  test('what was just encrypted is read without asking KMS', async () => {
    const { world } = oneStore();
    const envelope = world.process();
    const container = await envelope.encrypt(PLACE, HELLO);

    await envelope.decrypt(PLACE, container);

    expect(world.calls).toEqual(['generate']);
  });

  test('a window of 0 asks KMS for every call', async () => {
    const { world } = oneStore();
    const envelope = world.process({ windowMs: 0 });
    const container = await envelope.encrypt(PLACE, HELLO);

    await Promise.all([envelope.decrypt(PLACE, container), envelope.decrypt(PLACE, container)]);
    await envelope.encrypt(PLACE, HELLO);

    expect(world.calls).toEqual(['generate', 'unwrap', 'unwrap', 'unwrap']);
  });
});

describe('a key that its customer takes away', () => {
  test('serves until the window ends, then nothing passes; other customers notice nothing', async () => {
    const world = envelopeWorld();
    const others = { customerId: 'globex', dataStoreId: 'documents' };
    const kmsKeyArn = world.store();
    world.store(others);
    const envelope = world.process();
    const container = await envelope.encrypt(PLACE, HELLO);
    const theirs = await envelope.encrypt(others, HELLO);
    world.kms.become(kmsKeyArn, 'Disabled');

    world.pass(5 * MINUTE_MS - 1);
    expect(Buffer.from(await envelope.decrypt(PLACE, container))).toEqual(HELLO);
    await envelope.encrypt(PLACE, HELLO);

    world.pass(1);
    const lost = { code: 'KEY_UNAVAILABLE', reason: 'kms.key-disabled', retryable: true };
    expect(await refusalOf(envelope.decrypt(PLACE, container))).toMatchObject(lost);
    expect(await refusalOf(envelope.encrypt(PLACE, HELLO))).toMatchObject(lost);
    expect(world.dataKeys.all().filter(({ customerId }) => customerId === 'acme')).toHaveLength(1);
    expect(Buffer.from(await envelope.decrypt(others, theirs))).toEqual(HELLO);
    await envelope.encrypt(others, HELLO);

    world.kms.become(kmsKeyArn, 'Enabled');
    expect(Buffer.from(await envelope.decrypt(PLACE, container))).toEqual(HELLO);
  });

  test.each(['Disabled', 'PendingDeletion', 'PendingImport'] as const)(
    'is named in a signal when it is %s',
    async (state) => {
      const { world, kmsKeyArn } = oneStore();
      world.kms.become(kmsKeyArn, state);

      await refusalOf(world.process().encrypt(PLACE, HELLO));

      expect(world.failures).toEqual([expect.stringContaining(kmsKeyArn)]);
    },
  );

  test('a flush forgets it before its window ends, and it alone', async () => {
    const world = envelopeWorld();
    const others = { customerId: 'globex', dataStoreId: 'documents' };
    const kmsKeyArn = world.store();
    const othersArn = world.store(others);
    const envelope = world.process();
    const container = await envelope.encrypt(PLACE, HELLO);
    const theirs = await envelope.encrypt(others, HELLO);
    for (const arn of [kmsKeyArn, othersArn]) world.kms.become(arn, 'Disabled');

    envelope.flush(kmsKeyArn);

    expect(await refusalOf(envelope.decrypt(PLACE, container))).toMatchObject({ code: 'KEY_UNAVAILABLE' });
    expect(await refusalOf(envelope.encrypt(PLACE, HELLO))).toMatchObject({ code: 'KEY_UNAVAILABLE' });
    expect(Buffer.from(await envelope.decrypt(others, theirs))).toEqual(HELLO);

    envelope.flush();
    expect(await refusalOf(envelope.decrypt(others, theirs))).toMatchObject({ code: 'KEY_UNAVAILABLE' });
  });

  test('a flush forgets it also where it has only been read with', async () => {
    const { world, kmsKeyArn } = oneStore();
    const container = await world.process().encrypt(PLACE, HELLO);
    const reader = world.process();
    await reader.decrypt(PLACE, container);
    world.kms.become(kmsKeyArn, 'Disabled');

    reader.flush(kmsKeyArn);

    expect(await refusalOf(reader.decrypt(PLACE, container))).toMatchObject({ code: 'KEY_UNAVAILABLE' });
  });
});

test('trouble of KMS or of a table may pass, is no signal, and lets nothing through', async () => {
  const { world } = oneStore();
  for (const code of ['kms.throttled', 'kms.unreachable', 'sts.unreachable'] as const) {
    const crypto = { ...world.crypto, generate: () => Promise.reject(new KeywrightError(code, 'not now')) };
    const refusal = await refusalOf(world.process({}, { crypto }).encrypt(PLACE, HELLO));
    expect(refusal).toMatchObject({ code: 'KEY_UNAVAILABLE', reason: code, retryable: true });
  }
  const dataKeys = { ...world.dataKeys, newest: () => Promise.reject(new KeywrightError('store.unreachable', 'no')) };

  const refusal = await refusalOf(world.process({}, { dataKeys }).encrypt(PLACE, HELLO));

  expect(refusal).toMatchObject({ code: 'KEY_UNAVAILABLE', reason: 'store.unreachable', retryable: true });
  expect(world.failures).toEqual([]);
});

test('nothing is protected with a data key that could not be stored', async () => {
  const { world } = oneStore();
  const dataKeys = { ...world.dataKeys, create: () => Promise.reject(new KeywrightError('store.unreachable', 'no')) };

  const refusal = await refusalOf(world.process({}, { dataKeys }).encrypt(PLACE, HELLO));

  expect(refusal).toMatchObject({ code: 'KEY_UNAVAILABLE', retryable: true });
});

describe('keys that change under way', () => {
  test('data stays readable after rotation and after re-encryption, by who has it cached and who has not', async () => {
    const { world, kmsKeyArn } = oneStore();
    const envelope = world.process();
    const container = await envelope.encrypt(PLACE, HELLO);

    world.kms.rotate(kmsKeyArn);
    await replaceKey(world, 'second');
    world.kms.become(kmsKeyArn, 'Disabled');

    for (const reader of [envelope, world.process()]) {
      expect(Buffer.from(await reader.decrypt(PLACE, container))).toEqual(HELLO);
    }
    await world.process().encrypt(PLACE, HELLO);
    expect(world.failures).toEqual([]);
  });

  test.each(['decrypt', 'encrypt'] as const)(
    'a data key that moves between reading it and asking KMS opens, and its old KMS key is no loss: %s',
    async (verb) => {
      const { world, kmsKeyArn } = oneStore();
      const container = await world.process().encrypt(PLACE, HELLO);
      let moved = false;
      const unwrap: typeof world.crypto.unwrap = async (...asked) => {
        if (!moved) {
          moved = true;
          await replaceKey(world, 'second');
          world.kms.become(kmsKeyArn, 'Disabled');
        }
        return world.crypto.unwrap(...asked);
      };
      const envelope = world.process({}, { crypto: { ...world.crypto, unwrap } });

      await (verb === 'decrypt' ? envelope.decrypt(PLACE, container) : envelope.encrypt(PLACE, HELLO));

      expect(world.failures).toEqual([]);
    },
  );

  test('a data key made while its data store is given another KMS key is made anew under that one', async () => {
    const { world, kmsKeyArn } = oneStore();
    let replaced = false;
    const generate: typeof world.crypto.generate = async (...asked) => {
      const answer = await world.crypto.generate(...asked);
      if (!replaced) {
        replaced = true;
        await replaceKey(world, 'second');
      }
      return answer;
    };

    await world.process({}, { crypto: { ...world.crypto, generate } }).encrypt(PLACE, HELLO);

    expect(world.dataKeys.all().map((dataKey) => dataKey.kmsKeyArn)).toEqual([anArn('second')]);
    expect(kmsKeyArn).not.toBe(anArn('second'));
  });

  test('new data is under the KMS key that its data store names, before any older data key was moved there', async () => {
    const { world } = oneStore();
    const envelope = world.process({ windowMs: 0 });
    await envelope.encrypt(PLACE, HELLO);
    world.store(PLACE, 'second');

    await envelope.encrypt(PLACE, HELLO);

    expect(world.dataKeys.all().map(({ kmsKeyArn }) => kmsKeyArn)).toEqual([anArn('acme'), anArn('second')]);
  });

  test('what KMS refuses is asked for no more than once when nothing has changed', async () => {
    const { world, kmsKeyArn } = oneStore();
    world.kms.become(kmsKeyArn, 'Disabled');

    await refusalOf(world.process().encrypt(PLACE, HELLO));

    expect(world.calls).toEqual(['generate']);
  });
});

describe('when a data key is done with', () => {
  test('new data is under a new data key when the newest is 30 days old, and old data stays readable', async () => {
    const { world } = oneStore();
    const envelope = world.process();
    const container = await envelope.encrypt(PLACE, HELLO);

    world.pass(30 * DAY_MS - 1);
    await envelope.encrypt(PLACE, HELLO);
    expect(world.dataKeys.all()).toHaveLength(1);
    world.pass(5 * MINUTE_MS);
    await envelope.encrypt(PLACE, HELLO);

    expect(world.dataKeys.all()).toHaveLength(2);
    expect(Buffer.from(await envelope.decrypt(PLACE, container))).toEqual(HELLO);
  });

  test.each([
    ['a moment ahead, as clocks are, serves', 4 * MINUTE_MS, true],
    ['that says it is of another day, and so would never grow old, does not', 86_400_000, false],
  ])('one %s for new data', async (_, aheadMs, serves) => {
    const world = envelopeWorld();
    world.store();
    const { dataKeyId } = read(await world.process().encrypt(PLACE, Buffer.from('x')));
    const [row] = world.dataKeys.all();
    if (!row) throw new Error('nothing was made');
    const createdAt = new Date(world.nowMs() + aheadMs).toISOString();
    await world.dataKeys.replace({ ...row, createdAt });

    const next = read(await world.process().encrypt(PLACE, Buffer.from('y')));

    expect(next.dataKeyId === dataKeyId).toBe(serves);
  });

  test('one process protects no more messages with it than allowed, over all windows and however many at once', async () => {
    const { world } = oneStore();
    const envelope = world.process({ usesMax: 10 });
    const containers: Uint8Array[] = [];
    for (let round = 0; round < 6; round += 1) {
      containers.push(...(await Promise.all(Array.from({ length: 7 }, () => envelope.encrypt(PLACE, HELLO)))));
      world.pass(5 * MINUTE_MS);
    }

    const uses = new Map<string, number>();
    for (const container of containers) {
      const id = /id-\d+/.exec(Buffer.from(container).toString('latin1'))?.[0] ?? '';
      uses.set(id, (uses.get(id) ?? 0) + 1);
    }

    expect([...uses.values()]).toEqual([10, 10, 10, 10, 2]);
  });

  test('one that was declared compromised protects nothing new from the moment a reader sees it, and is replaced on read', async () => {
    const { world } = oneStore();
    const envelope = world.process();
    const container = await envelope.encrypt(PLACE, HELLO);
    const [leaked] = world.dataKeys.all();
    if (!leaked) throw new Error('a data key was made');
    await world.dataKeys.replace({ ...leaked, compromised: { compromiseId: 'c-1', at: leaked.createdAt } });
    envelope.flush();

    const { plaintext, renewed } = await envelope.decryptAndRenew(PLACE, container);

    expect(Buffer.from(plaintext)).toEqual(HELLO);
    expect(Buffer.from(renewed ?? []).includes(leaked.dataKeyId)).toBe(false);
    expect(await envelope.decryptAndRenew(PLACE, renewed ?? HELLO)).toEqual({ plaintext });
    expect(Buffer.from(await envelope.encrypt(PLACE, HELLO)).includes(leaked.dataKeyId)).toBe(false);
  });

  test('who reads with a compromised data key no longer trusts what is kept for new data of that place', async () => {
    const { world } = oneStore();
    const old = await world.process().encrypt(PLACE, HELLO);
    world.pass(31 * DAY_MS);
    const envelope = world.process();
    await envelope.encrypt(PLACE, HELLO);
    const leaked = world.dataKeys.all();
    for (const dataKey of leaked) {
      await world.dataKeys.replace({ ...dataKey, compromised: { compromiseId: 'c-1', at: dataKey.createdAt } });
    }

    await envelope.decrypt(PLACE, old);
    const container = Buffer.from(await envelope.encrypt(PLACE, HELLO));

    expect(leaked.map(({ dataKeyId }) => container.includes(dataKeyId))).toEqual([false, false]);
  });

  test('one made before its KMS key was given fresh data keys protects nothing new', async () => {
    const { world, kmsKeyArn } = oneStore();
    const envelope = world.process({ windowMs: 0 });
    await envelope.encrypt(PLACE, HELLO);
    world.pass(1000);
    const dataKeysFrom = new Date(world.nowMs()).toISOString();
    world.control.given('kms-key', aKmsKey({ kmsKeyArn, dataKeysFrom, revision: 2 }));

    await envelope.encrypt(PLACE, HELLO);
    await envelope.encrypt(PLACE, HELLO);

    expect(world.dataKeys.all()).toHaveLength(2);
  });
});

test('no key and no plaintext is in an error, in what is printed of it, or left in what KMS gave', async () => {
  const { world, kmsKeyArn } = oneStore();
  const given: Uint8Array[] = [];
  const crypto = {
    async generate(...asked: Parameters<typeof world.crypto.generate>) {
      const answer = await world.crypto.generate(...asked);
      given.push(answer.plaintext);
      return answer;
    },
    async unwrap(...asked: Parameters<typeof world.crypto.unwrap>) {
      const answer = await world.crypto.unwrap(...asked);
      given.push(answer.plaintext);
      return answer;
    },
  };
  const planted = Buffer.from('a secret that nobody may see');
  const envelope = world.process({}, { crypto });
  const container = await envelope.encrypt(PLACE, planted);
  const [cold, changed] = [world.process({}, { crypto }), Uint8Array.from(container)];
  await cold.decrypt(PLACE, container);
  changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1;
  const errors = [
    await refusalOf(envelope.decrypt(PLACE, changed)),
    await refusalOf(envelope.decrypt(PLACE, container.subarray(0, 30))),
    await refusalOf(envelope.decrypt({ ...PLACE, dataStoreId: 'mails' }, container)),
    await refusalOf(envelope.encrypt({ ...PLACE, dataStoreId: 'mails' }, planted)),
    await refusalOf(envelope.encrypt(PLACE, planted.toString() as unknown as Uint8Array)),
  ];
  world.kms.become(kmsKeyArn, 'Disabled');
  envelope.flush();
  errors.push(await refusalOf(envelope.decrypt(PLACE, container)), await refusalOf(envelope.encrypt(PLACE, planted)));

  const printed = errors.map((error) => inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).join();

  expect(new Set(errors.map((error) => (error as EnvelopeError).code)).size).toBe(6);
  expect(world.secrets).toHaveLength(2);
  for (const secret of [planted, ...world.secrets]) {
    for (const form of ['utf8', 'hex', 'base64', 'latin1'] as const)
      expect(printed).not.toContain(secret.toString(form));
    expect(printed).not.toContain([...secret].join(', '));
  }
  expect(given.map((bytes) => bytes.every((byte) => byte === 0))).toEqual([true, true]);
});

describe('what makes no sense is refused with the name of the argument', () => {
  const { world } = oneStore();
  const envelope = world.process();
  const place = (fields: object) => ({ ...PLACE, ...fields }) as typeof PLACE;
  const text = 'text' as unknown as Uint8Array;
  const cases: readonly [string, (of: Envelope) => Promise<unknown>][] = [
    ['customerId', (of) => of.encrypt(place({ customerId: '' }), HELLO)],
    ['customerId', (of) => of.decrypt(place({ customerId: undefined }), HELLO)],
    ['customerId', (of) => of.encrypt(undefined as unknown as typeof PLACE, HELLO)],
    ['dataStoreId', (of) => of.encrypt(place({ dataStoreId: 7 }), HELLO)],
    ['dataStoreId', (of) => of.decryptAndRenew(place({ dataStoreId: '\ud800' }), HELLO)],
    ['dataStoreId', (of) => of.encrypt(place({ dataStoreId: 'x'.repeat(257) }), HELLO)],
    ['plaintext', (of) => of.encrypt(PLACE, text)],
    ['container', (of) => of.decrypt(PLACE, text)],
  ];
  test.each(cases)('%s', async (argument, call) => {
    expect(await refusalOf(call(envelope))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(`^${argument}: `),
    });
  });

  test.each([
    { windowMs: -1 },
    { windowMs: 3_600_001 },
    { windowMs: Number.NaN },
    { keysMax: 0 },
    { usesMax: 2 ** 24 + 1 },
  ])('an option: %j', (options) => {
    const [name] = Object.keys(options);
    expect(() => world.process(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(`^${name}: `) }),
    );
  });

  test('a data store that nobody registered', async () => {
    const unknown = { ...PLACE, dataStoreId: 'mails' };
    expect(await refusalOf(envelope.encrypt(unknown, HELLO))).toMatchObject({ code: 'UNKNOWN_DATA_STORE' });
  });
});
