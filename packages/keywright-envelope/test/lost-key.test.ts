/** A verdict that a KMS key is lost stops every process within seconds, or when the window ends: as the customer chose. */
import fc from 'fast-check';
import type { OnLoss } from '../../../shared/domain/customers/customer-window';
import { distinct } from '../../../test/support/distinct';
import { envelopeWorld, MINUTE_MS, PLACE, refusalOf } from '../../../test/support/envelope-world';
import { NOW } from '../../../test/support/make';
import { memoryKeyFailures } from '../../../test/support/memory-key-failures';
import type { Envelope } from '../envelope';
import { keyReports } from '../key-reports';

const HELLO = Buffer.from('hello');
/** Within this a verdict takes effect in a process that uses the key. */
const VERDICT_MS = 5_000;
const LOST = { code: 'KEY_UNAVAILABLE', reason: 'state.key-lost', retryable: true, cause: 'key-disabled' };

const settled = () => new Promise((resolve) => setImmediate(resolve));

function lossWorld(onLoss?: OnLoss) {
  const world = envelopeWorld();
  const kmsKeyArn = world.store();
  if (onLoss !== undefined) chosen(world, 'acme', onLoss);
  const since = () => new Date(world.nowMs()).toISOString();
  const row = () => world.control.all('kms-key').find((key) => key.kmsKeyArn === kmsKeyArn) ?? missing();
  const lose = () => world.control.given('kms-key', { ...row(), loss: { cause: 'key-disabled', since: since() } });
  const giveBack = () => {
    const { loss: _, ...key } = row();
    world.control.given('kms-key', key);
  };
  return { world, kmsKeyArn, lose, giveBack, since };
}

function missing(): never {
  throw new Error('the key is there');
}

const chosen = (world: ReturnType<typeof envelopeWorld>, customerId: string, onLoss: OnLoss) =>
  world.control.given('customer-window', {
    customerId,
    windowSeconds: 3600,
    onLoss,
    setBy: 'ada',
    setAt: NOW,
    revision: 1,
  });

/** Calls all the while, a few times a second, until the process is refused. @returns after how long it was. */
async function stopsAfterMs(envelope: Envelope, container: Uint8Array, world: ReturnType<typeof envelopeWorld>) {
  const startMs = world.nowMs();
  for (let served = true; served; world.pass(250)) {
    served = await envelope.decrypt(PLACE, container).then(
      () => true,
      () => false,
    );
    await settled();
    if (world.nowMs() - startMs > 70 * MINUTE_MS) return Number.POSITIVE_INFINITY;
  }
  return world.nowMs() - startMs;
}

test.each<[string, OnLoss | undefined]>([
  ['who chose so', 'flush'],
  ['who did not choose', undefined],
])('every process stops within seconds, for a customer %s, though KMS would still answer', async (_title, onLoss) => {
  const { world, lose, since } = lossWorld(onLoss);
  const [busy, idle, reader] = [world.process(), world.process(), world.process()];
  const container = await busy.encrypt(PLACE, HELLO);
  await idle.encrypt(PLACE, HELLO);
  await reader.decrypt(PLACE, container);
  const lostSince = since();
  lose();

  expect(await stopsAfterMs(busy, container, world)).toBeLessThanOrEqual(VERDICT_MS);

  world.pass(VERDICT_MS);
  world.calls.length = 0;
  for (const envelope of [busy, idle, reader]) {
    expect(await refusalOf(envelope.decrypt(PLACE, container))).toMatchObject({ ...LOST, since: lostSince });
    expect(await refusalOf(envelope.encrypt(PLACE, HELLO))).toMatchObject({ ...LOST, since: lostSince });
  }
  expect(world.calls).toEqual([]);
  expect(world.dataKeys.all()).toHaveLength(1);
});

test('a process that was idle since before the verdict does not serve its first call from memory', async () => {
  const { world, lose } = lossWorld('flush');
  const envelope = world.process();
  const container = await envelope.encrypt(PLACE, HELLO);
  await envelope.decrypt(PLACE, container);

  world.pass(VERDICT_MS);
  lose();

  expect(await refusalOf(envelope.decrypt(PLACE, container))).toMatchObject(LOST);
  expect(await refusalOf(envelope.encrypt(PLACE, HELLO))).toMatchObject(LOST);
});

test('with keep, what is held serves until its window ends and nothing new is had', async () => {
  const { world, lose } = lossWorld('keep');
  const [warm, cold] = [world.process(), world.process()];
  const container = await warm.encrypt(PLACE, HELLO);
  lose();

  world.pass(60 * MINUTE_MS - 1);
  expect(Buffer.from(await warm.decrypt(PLACE, container))).toEqual(HELLO);
  await warm.encrypt(PLACE, HELLO);
  expect(await refusalOf(cold.decrypt(PLACE, container))).toMatchObject(LOST);

  world.pass(1);
  expect(await refusalOf(warm.decrypt(PLACE, container))).toMatchObject(LOST);
  expect(await refusalOf(warm.encrypt(PLACE, HELLO))).toMatchObject(LOST);
});

test('a customer who changes to flush while the key is away is obeyed', async () => {
  const { world, lose } = lossWorld('keep');
  const envelope = world.process();
  const container = await envelope.encrypt(PLACE, HELLO);
  lose();
  world.pass(VERDICT_MS);
  await envelope.decrypt(PLACE, container);

  world.control.given('customer-window', {
    customerId: 'acme',
    windowSeconds: 3600,
    onLoss: 'flush',
    setBy: 'ada',
    setAt: NOW,
    revision: 2,
  });
  world.pass(15_000);

  expect(await refusalOf(envelope.decrypt(PLACE, container))).toMatchObject(LOST);
});

test('of customers who share a key each is treated as they chose, and customers of other keys notice nothing', async () => {
  const world = envelopeWorld();
  const [flushes, keeps, others] = ['flushes', 'keeps', 'others'].map((customerId) => ({
    customerId,
    dataStoreId: 'documents',
  })) as [typeof PLACE, typeof PLACE, typeof PLACE];
  world.store(flushes, 'shared');
  const kmsKeyArn = world.store(keeps, 'shared');
  world.store(others, 'theirs');
  for (const onLoss of ['flush', 'keep'] as const) chosen(world, `${onLoss === 'flush' ? 'flushes' : 'keeps'}`, onLoss);
  const envelope = world.process();
  const containers = new Map<typeof PLACE, Uint8Array>();
  for (const place of [flushes, keeps, others]) containers.set(place, await envelope.encrypt(place, HELLO));
  const read = (place: typeof PLACE) => envelope.decrypt(place, containers.get(place) ?? HELLO);

  const [key] = world.control.all('kms-key').filter((one) => one.kmsKeyArn === kmsKeyArn);
  if (key) world.control.given('kms-key', { ...key, loss: { cause: 'key-disabled', since: NOW } });
  world.pass(VERDICT_MS);

  expect(await refusalOf(read(flushes))).toMatchObject(LOST);
  for (const place of [keeps, others]) expect(Buffer.from(await read(place))).toEqual(HELLO);
});

test('a loss that follows a return nobody saw flushes again', async () => {
  const { world, lose, giveBack } = lossWorld('flush');
  const envelope = world.process();
  const container = await envelope.encrypt(PLACE, HELLO);
  lose();
  world.pass(VERDICT_MS);
  await refusalOf(envelope.decrypt(PLACE, container));
  // Back for a moment in which a data key is had, and lost again before this process looks.
  giveBack();
  world.pass(100);
  await envelope.decrypt(PLACE, container);
  lose();

  world.pass(VERDICT_MS);

  expect(await refusalOf(envelope.decrypt(PLACE, container))).toMatchObject(LOST);
});

test('a data key that moved to another KMS key is read there, and the loss of the one it left stops nothing', async () => {
  const { world, lose } = lossWorld('flush');
  const envelope = world.process();
  const container = await envelope.encrypt(PLACE, HELLO);
  const mails = { ...PLACE, dataStoreId: 'mails' };
  world.store(mails, 'second');
  await world.moveTo('second');
  lose();

  world.pass(VERDICT_MS);

  expect(Buffer.from(await envelope.decrypt(PLACE, container))).toEqual(HELLO);
});

test('whatever comes and goes, no process serves later than the bound after a verdict, and each does once the key is back', async () => {
  const step = fc.record({
    act: fc.constantFrom('lose', 'give back', 'nothing', 'nothing', 'nothing'),
    passMs: fc.nat(4_000),
    process: fc.nat(1),
    verb: fc.constantFrom('decrypt', 'encrypt'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const { world, kmsKeyArn, lose, giveBack } = lossWorld('flush');
      const processes = [world.process(), world.process()] as const;
      const container = await processes[0].encrypt(PLACE, HELLO);
      let lostAtMs: number | undefined;
      for (const { act, passMs, process, verb } of steps) {
        if (act === 'lose' && lostAtMs === undefined) {
          lostAtMs = world.nowMs();
          world.kms.become(kmsKeyArn, 'Disabled');
          lose();
        }
        if (act === 'give back' && lostAtMs !== undefined) {
          lostAtMs = undefined;
          world.kms.become(kmsKeyArn, 'Enabled');
          giveBack();
        }
        world.pass(passMs);
        const envelope = processes[process] ?? processes[0];
        const call = verb === 'decrypt' ? envelope.decrypt(PLACE, container) : envelope.encrypt(PLACE, HELLO);
        const isServed = await call.then(
          () => true,
          () => false,
        );
        await settled();
        if (lostAtMs === undefined) expect(isServed).toBe(true);
        else if (world.nowMs() - lostAtMs >= VERDICT_MS) expect(isServed).toBe(false);
      }
    }),
    { numRuns: 200, ...(process.env['SEED'] && { seed: Number(process.env['SEED']) }) },
  );
});

describe('where nobody says any more that a key is back, or says by mistake that it is lost', () => {
  test('KMS decides within a minute, and nothing is kept meanwhile', async () => {
    const { world, kmsKeyArn, lose } = lossWorld('flush');
    const envelope = world.process();
    const container = await envelope.encrypt(PLACE, HELLO);
    world.kms.become(kmsKeyArn, 'Disabled');
    lose();
    for (let ms = 0; ms < 10 * MINUTE_MS; ms += 10_000) {
      world.pass(10_000);
      expect(await refusalOf(envelope.decrypt(PLACE, container))).toMatchObject(LOST);
    }
    world.calls.length = 0;
    world.kms.become(kmsKeyArn, 'Enabled');

    world.pass(MINUTE_MS);
    for (let time = 0; time < 3; time += 1) {
      expect(Buffer.from(await envelope.decrypt(PLACE, container))).toEqual(HELLO);
      await envelope.encrypt(PLACE, HELLO);
    }

    expect(world.calls).toEqual(Array(6).fill('unwrap'));
    world.kms.become(kmsKeyArn, 'Disabled');
    expect(await refusalOf(envelope.decrypt(PLACE, container))).toMatchObject(LOST);
  });
});

test('a process that KMS answers about a key that is lost tells that it works again, within a minute', async () => {
  const { world, kmsKeyArn, lose } = lossWorld();
  const failures = memoryKeyFailures();
  const reports = keyReports({ failures, nowMs: world.nowMs });
  const busy = world.process({ windowMs: 0 }, { reports });
  const container = await busy.encrypt(PLACE, HELLO);
  expect(failures.reported).toEqual([]);
  lose();

  for (let second = 0; second < 60; second += 1) {
    await busy.decrypt(PLACE, container).catch(() => undefined);
    world.pass(1_000);
  }

  expect(failures.reported[0]).toEqual([kmsKeyArn, 'works-again']);
  expect(failures.reported.length).toBeLessThanOrEqual(4);
});

describe('when the key is back', () => {
  test('every process resumes by itself', async () => {
    const { world, lose, giveBack } = lossWorld('flush');
    const [one, other] = [world.process(), world.process()];
    const container = await one.encrypt(PLACE, HELLO);
    lose();
    world.pass(VERDICT_MS);
    for (const envelope of [one, other]) await refusalOf(envelope.decrypt(PLACE, container));

    giveBack();

    for (const envelope of [one, other]) {
      expect(Buffer.from(await envelope.decrypt(PLACE, container))).toEqual(HELLO);
      await envelope.encrypt(PLACE, HELLO);
    }
    expect(world.dataKeys.all()).toHaveLength(1);
  });

  test('3,000 calls that waited ask KMS once for each data key, a few at a time, spread over seconds', async () => {
    const { world, lose, giveBack } = lossWorld('flush');
    const places = Array.from({ length: 100 }, (_, at) => ({ customerId: 'acme', dataStoreId: `store-${at}` }));
    for (const place of places) world.store(place);
    const containers: Uint8Array[] = [];
    for (const place of places) containers.push(await world.process().encrypt(place, HELLO));
    const under = { way: 0, most: 0 };
    const unwrap: typeof world.crypto.unwrap = async (...asked) => {
      under.way += 1;
      under.most = Math.max(under.most, under.way);
      await settled();
      under.way -= 1;
      return world.crypto.unwrap(...asked);
    };
    const waits: number[] = [];
    let draw = 0;
    const envelope = world.process(
      {},
      {
        crypto: { ...world.crypto, unwrap },
        wait: async (ms) => void waits.push(ms),
        random: () => {
          draw += 1;
          return (draw % 100) / 100;
        },
      },
    );
    lose();
    await refusalOf(envelope.decrypt(places[0] ?? PLACE, containers[0] ?? HELLO));
    giveBack();
    world.calls.length = 0;

    const calls = Array.from({ length: 3000 }, (_, at) =>
      envelope.decrypt(places[at % 100] ?? PLACE, containers[at % 100] ?? HELLO),
    );

    expect(distinct(await Promise.all(calls), (plaintext) => HELLO.equals(plaintext))).toEqual([true]);
    expect(world.calls).toHaveLength(100);
    expect(under.most).toBeLessThanOrEqual(10);
    expect(Math.min(...waits)).toBeLessThan(500);
    expect(Math.max(...waits)).toBeGreaterThan(4_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);

    // The rush is over: nobody waits any more.
    world.pass(60 * MINUTE_MS);
    waits.length = 0;
    await envelope.decrypt(places[0] ?? PLACE, containers[0] ?? HELLO);
    expect(waits).toEqual([]);
  });
});
