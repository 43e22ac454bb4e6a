/** Calls of KMS about one key: none while it is lost, few at a time, and no key waits for another one's. */
import { aKmsKey, anArn, NOW } from '../../../test/support/make';
import { ASK_MS, admission, CALLS_AT_ONCE, SPREAD_MS } from '../admission';

const KEY = aKmsKey();
const LOST = aKmsKey({ loss: { cause: 'key-disabled', since: NOW } });

const settled = () => new Promise((resolve) => setImmediate(resolve));

function world() {
  const clock = { ms: 0 };
  const waits: number[] = [];
  const admit = admission({
    nowMs: () => clock.ms,
    random: () => 0.5,
    wait: async (ms) => void waits.push(ms),
  });
  return { clock, waits, admit };
}

/** Calls that end when the test says so. */
function slowCalls() {
  const ends: (() => void)[] = [];
  const call = () => new Promise<void>((end) => ends.push(end));
  return { ends, call };
}

test('a key that is lost is not asked for, and the refusal says why and since when', async () => {
  const { admit } = world();
  const { ends, call } = slowCalls();

  await expect(admit(LOST, call)).rejects.toMatchObject({
    code: 'state.key-lost',
    retry: true,
    message: expect.stringContaining('2026-11-24 12:00:00 UTC (key-disabled)'),
    details: { lossCause: 'key-disabled', since: NOW },
  });
  expect(ends).toEqual([]);
});

test('KMS is asked about a key that is lost once a minute, however many calls there are', async () => {
  const { admit, clock } = world();
  let asked = 0;
  const call = async () => {
    asked += 1;
    throw new Error('KMS refuses');
  };
  const codes = new Set<unknown>();

  for (let ms = 0; ms < 5 * ASK_MS; ms += 100) {
    clock.ms = ms;
    await admit(LOST, call).catch(({ code }) => codes.add(code));
  }

  expect(asked).toBe(5);
  expect([...codes]).toEqual(['state.key-lost']);
});

test('where KMS answers about a key that counts as lost, it decides: for as long as it does', async () => {
  const { admit, clock } = world();
  let refuses = true;
  const call = async () => {
    if (refuses) throw new Error('KMS refuses');
  };
  await admit(LOST, call).catch(() => undefined);

  refuses = false;
  clock.ms = ASK_MS - 1;
  for (let time = 0; time < 20; time += 1) await admit(LOST, call);

  refuses = true;
  await expect(admit(LOST, call)).rejects.toMatchObject({ code: 'state.key-lost' });
  refuses = false;
  await expect(admit(LOST, call)).rejects.toMatchObject({ code: 'state.key-lost' });
});

test('so many calls are under way at once; the next begins when one ends, also where it fails', async () => {
  const { admit } = world();
  const { ends, call } = slowCalls();
  const calls = Array.from({ length: CALLS_AT_ONCE + 2 }, () => admit(KEY, call));
  const failed = expect(admit(KEY, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const last = admit(KEY, call);
  await settled();
  expect(ends).toHaveLength(CALLS_AT_ONCE);

  for (let ended = 0; ended < CALLS_AT_ONCE + 3; ended += 1) {
    ends[ended]?.();
    await settled();
  }

  await Promise.all([...calls, last]);
  await failed;
});

test('keys do not wait for each other', async () => {
  const { admit } = world();
  const { ends, call } = slowCalls();
  for (let at = 0; at < CALLS_AT_ONCE + 5; at += 1) void admit(KEY, call);
  await settled();

  await admit(aKmsKey({ kmsKeyArn: anArn('other') }), async () => undefined);

  expect(ends).toHaveLength(CALLS_AT_ONCE);
});

test('after a loss calls are spread over what is left of a few seconds, then no more', async () => {
  const { admit, clock, waits } = world();
  const call = async () => undefined;
  await admit(KEY, call);
  await admit(LOST, call).catch(() => undefined);

  await admit(KEY, call);
  clock.ms = SPREAD_MS - 1_000;
  await admit(KEY, call);
  clock.ms = SPREAD_MS;
  await admit(KEY, call);

  expect(waits).toEqual([SPREAD_MS / 2, 500]);
});

test('a key that was never lost is never waited for', async () => {
  const { admit, waits } = world();

  for (let at = 0; at < 100; at += 1) await admit(KEY, async () => undefined);

  expect(waits).toEqual([]);
});
