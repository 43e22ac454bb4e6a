/** A plaintext data key is kept for as long as its customer allows, in every process, whatever the process asks for. */
import fc from 'fast-check';
import type { CustomerWindow } from '../../../shared/domain/customers/customer-window';
import { KeywrightError } from '../../../shared/domain/errors';
import { envelopeWorld, MINUTE_MS, PLACE, refusalOf } from '../../../test/support/envelope-world';
import { NOW } from '../../../test/support/make';

const HELLO = Buffer.from('hello');
const SECOND_MS = 1000;
/** Within this a change takes effect in a process that uses the data key. */
const CHANGE_MS = 15 * SECOND_MS;

const settled = () => new Promise((resolve) => setImmediate(resolve));

function windowWorld(windowSeconds?: number, fields: Partial<CustomerWindow> = {}) {
  const world = envelopeWorld();
  const kmsKeyArn = world.store();
  let revision = 0;
  const choose = (seconds: number) => {
    revision += 1;
    const row = { customerId: 'acme', windowSeconds: seconds, onLoss: 'keep', setBy: 'ada', setAt: NOW, revision };
    world.control.given('customer-window', { ...row, ...fields } as CustomerWindow);
  };
  if (windowSeconds !== undefined) choose(windowSeconds);
  const unwraps = () => world.calls.filter((call) => call === 'unwrap').length;
  return { world, kmsKeyArn, choose, unwraps };
}

test.each([
  { chosen: undefined, asked: undefined, is: 300 },
  { chosen: undefined, asked: 3600, is: 300 },
  { chosen: undefined, asked: 60, is: 60 },
  { chosen: 3600, asked: undefined, is: 3600 },
  { chosen: 30, asked: 3600, is: 30 },
  { chosen: 3600, asked: 30, is: 30 },
])('the shorter of the two holds: $chosen s chosen, $asked s asked for', async ({ chosen, asked, is }) => {
  const { world, unwraps } = windowWorld(chosen);
  const container = await world.process().encrypt(PLACE, HELLO);
  const reader = world.process(asked === undefined ? {} : { windowMs: asked * SECOND_MS });
  await reader.decrypt(PLACE, container);

  world.pass(is * SECOND_MS - 1);
  await reader.decrypt(PLACE, container);
  expect(unwraps()).toBe(1);

  world.pass(1);
  await reader.decrypt(PLACE, container);
  expect(unwraps()).toBe(2);
});

test('a clock on the wall that is set back makes no window longer', async () => {
  const { world, unwraps } = windowWorld(300);
  let lived = 0;
  const live = (ms: number) => {
    world.pass(ms);
    lived += ms;
  };
  const container = await world.process().encrypt(PLACE, HELLO);
  const reader = world.process({}, { steadyMs: () => lived });
  await reader.decrypt(PLACE, container);

  live(200 * SECOND_MS);
  world.pass(-150 * SECOND_MS);
  live(100 * SECOND_MS - 1);
  await reader.decrypt(PLACE, container);
  expect(unwraps()).toBe(1);

  live(1);
  await reader.decrypt(PLACE, container);
  expect(unwraps()).toBe(2);
});

test('with a window of 0 every call asks KMS, whatever the process asks for', async () => {
  const { world, unwraps } = windowWorld(0);
  const envelope = world.process({ windowMs: 60 * MINUTE_MS });
  const container = await envelope.encrypt(PLACE, HELLO);

  await Promise.all([envelope.decrypt(PLACE, container), envelope.decrypt(PLACE, container)]);
  await envelope.encrypt(PLACE, HELLO);

  expect(unwraps()).toBe(3);
});

test('a shorter window ends what processes hold already, used all the while or not at all', async () => {
  const { world, choose, kmsKeyArn } = windowWorld(3600);
  const [busy, idle] = [world.process(), world.process()];
  const container = await busy.encrypt(PLACE, HELLO);
  await idle.decrypt(PLACE, container);
  world.kms.become(kmsKeyArn, 'Disabled');

  choose(1);
  for (let ms = 0; ms < CHANGE_MS; ms += SECOND_MS) {
    await busy.decrypt(PLACE, container).catch(() => undefined);
    await settled();
    world.pass(SECOND_MS);
  }

  for (const envelope of [busy, idle])
    expect(await refusalOf(envelope.decrypt(PLACE, container))).toMatchObject({ code: 'KEY_UNAVAILABLE' });
});

test('a window that cannot be read any more holds until it ends, and nothing new is kept by it', async () => {
  const { world } = windowWorld(60);
  const container = await world.process().encrypt(PLACE, HELLO);
  let isDown = false;
  const find = (async (...asked: Parameters<typeof world.control.find>) => {
    if (isDown) throw new KeywrightError('store.unreachable', 'not now');
    return world.control.find(...asked);
  }) as typeof world.control.find;
  const reader = world.process({}, { control: { ...world.control, find } });
  await reader.decrypt(PLACE, container);
  isDown = true;

  world.pass(60 * SECOND_MS - 1);
  expect(Buffer.from(await reader.decrypt(PLACE, container))).toEqual(HELLO);

  world.pass(1);
  const refusal = { code: 'KEY_UNAVAILABLE', reason: 'store.unreachable', retryable: true };
  expect(await refusalOf(reader.decrypt(PLACE, container))).toMatchObject(refusal);
  expect(await refusalOf(reader.encrypt(PLACE, HELLO))).toMatchObject(refusal);
});

test.each<[string, Partial<CustomerWindow>]>([
  ['an hour is exceeded', { windowSeconds: 86_400 }],
  ['it is no number', { windowSeconds: 'long' as never }],
  ['what a loss does is unknown', { onLoss: 'nothing' as never }],
])('a forged window keeps nothing: %s', async (_title, fields) => {
  const { world, unwraps } = windowWorld(60, fields);
  const envelope = world.process();
  const container = await envelope.encrypt(PLACE, HELLO);

  await envelope.decrypt(PLACE, container);

  expect(unwraps()).toBe(1);
});

test('another customer’s window, copied here, is not believed', async () => {
  const { world, choose } = windowWorld();
  world.control.given('customer-window', {
    customerId: 'globex',
    windowSeconds: 3600,
    onLoss: 'keep',
    setBy: 'ada',
    setAt: NOW,
    revision: 1,
  });
  choose(0);
  world.control.misplace('customer-window', 'globex', 'acme');

  const refusal = await refusalOf(world.process().encrypt(PLACE, HELLO));

  expect(refusal).toMatchObject({ code: 'KEY_UNAVAILABLE', reason: 'store.row-misplaced', retryable: false });
});

test('customers of one process have windows of their own', async () => {
  const { world, unwraps } = windowWorld(1);
  const others = { customerId: 'globex', dataStoreId: 'documents' };
  world.store(others);
  const envelope = world.process();
  const [ours, theirs] = [await envelope.encrypt(PLACE, HELLO), await envelope.encrypt(others, HELLO)];

  world.pass(2 * SECOND_MS);
  await envelope.decrypt(PLACE, ours);
  await envelope.decrypt(others, theirs);

  expect(unwraps()).toBe(1);
});

test('what is read to know of windows and losses is a few rows a minute, however many calls there are', async () => {
  const { world } = windowWorld(3600);
  const reads: string[] = [];
  const find = (async (...asked: Parameters<typeof world.control.find>) => {
    reads.push(asked[0]);
    return world.control.find(...asked);
  }) as typeof world.control.find;
  const envelope = world.process({}, { control: { ...world.control, find } });
  const container = await envelope.encrypt(PLACE, HELLO);
  reads.length = 0;

  for (let ms = 0; ms < MINUTE_MS; ms += 100) {
    await envelope.decrypt(PLACE, container);
    await envelope.encrypt(PLACE, HELLO);
    await settled();
    world.pass(100);
  }

  expect(reads.filter((noun) => noun === 'kms-key').length).toBeLessThanOrEqual(30);
  expect(reads.filter((noun) => noun === 'customer-window').length).toBeLessThanOrEqual(6);
  expect(new Set(reads)).toEqual(new Set(['kms-key', 'customer-window']));
});

test('in no process is data read with a data key that KMS gave longer ago than the window that held lately', async () => {
  const step = fc.record({
    process: fc.nat(2),
    passMs: fc.integer({ min: 0, max: 20_000 }),
    choose: fc.option(fc.constantFrom(0, 1, 5, 30, 300, 3600), { nil: undefined, freq: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { world, choose } = windowWorld(300);
      const chosen = [{ atMs: Number.NEGATIVE_INFINITY, seconds: 300 }];
      const asked = [undefined, 3600, 10];
      const container = await world.process().encrypt(PLACE, HELLO);
      const processes = asked.map((seconds) => {
        const unwrapped = { atMs: Number.NEGATIVE_INFINITY };
        const unwrap: typeof world.crypto.unwrap = (...given) => {
          unwrapped.atMs = world.nowMs();
          return world.crypto.unwrap(...given);
        };
        const options = seconds === undefined ? {} : { windowMs: seconds * SECOND_MS };
        return { seconds, unwrapped, envelope: world.process(options, { crypto: { ...world.crypto, unwrap } }) };
      });
      for (const { process, passMs, choose: seconds } of steps) {
        if (seconds !== undefined) {
          choose(seconds);
          chosen.push({ atMs: world.nowMs(), seconds });
        }
        world.pass(passMs);
        const { envelope, unwrapped, seconds: own = 3600 } = processes[process] ?? processes[0] ?? never();
        await envelope.decrypt(PLACE, container);
        await settled();
        // Every window that held at any time within the bound may still be taken for the one that holds.
        const held = chosen.filter((_, at) => (chosen[at + 1]?.atMs ?? world.nowMs()) >= world.nowMs() - CHANGE_MS);
        const longestMs = Math.min(own, Math.max(...held.map((one) => one.seconds))) * SECOND_MS;
        expect(world.nowMs() - unwrapped.atMs).toBeLessThanOrEqual(longestMs);
      }
    }),
    { numRuns: 200, ...(process.env['SEED'] && { seed: Number(process.env['SEED']) }) },
  );
});

function never(): never {
  throw new Error('there is a process');
}
