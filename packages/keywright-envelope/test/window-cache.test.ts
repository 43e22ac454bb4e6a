/** What is kept, for how long, and for whom. */
import fc from 'fast-check';
import { windowCache } from '../window-cache';

const WINDOW_MS = 1000;
const of = (name: string, owner = 'acme') => ({ name, owner });

function cacheOf(limits: { windowMs?: number; entriesMax?: number } = {}) {
  const clock = { ms: 0 };
  const { windowMs = WINDOW_MS, entriesMax = 10 } = limits;
  const cache = windowCache<string>({ windowMs: () => windowMs, entriesMax, nowMs: () => clock.ms });
  let loads = 0;
  const get = (name: string) =>
    cache.get(of(name), async () => {
      loads += 1;
      return `${name} ${loads}`;
    });
  return { cache, clock, get, loads: () => loads };
}

/** Loads that end when the test says so. */
function slowLoads() {
  const waiting: { readonly come: (value: string) => void; readonly fail: (error: Error) => void }[] = [];
  const load = () => new Promise<string>((come, fail) => waiting.push({ come, fail }));
  return { waiting, load };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('many who ask at the same time cause one load', async () => {
  const { get, loads } = cacheOf();

  const answers = await Promise.all(Array.from({ length: 1000 }, () => get('a')));

  expect(new Set(answers)).toEqual(new Set(['a 1']));
  expect(loads()).toBe(1);
});

test('an answer serves until its window ends, and not at that instant', async () => {
  const { get, clock } = cacheOf();
  await get('a');

  clock.ms = WINDOW_MS - 1;
  expect(await get('a')).toBe('a 1');
  clock.ms = WINDOW_MS;
  expect(await get('a')).toBe('a 2');
});

test('a window begins when the load begins, however long it takes', async () => {
  const { cache, clock } = cacheOf();
  const { waiting, load } = slowLoads();
  const first = cache.get(of('a'), load);
  clock.ms = WINDOW_MS - 1;
  waiting[0]?.come('slow');
  expect(await first).toBe('slow');

  clock.ms = WINDOW_MS;

  expect(cache.peek('a')).toBeUndefined();
});

test('who joined a load that took longer than the window asks again; who asked uses the answer', async () => {
  const { cache, clock } = cacheOf();
  const { waiting, load } = slowLoads();
  const asked = cache.get(of('a'), load);
  const joined = cache.get(of('a'), load);
  clock.ms = WINDOW_MS;

  waiting[0]?.come('late');
  await settled();
  waiting[1]?.come('anew');

  expect(await asked).toBe('late');
  expect(await joined).toBe('anew');
});

test('with a window of 0 each call loads for itself, and nothing is kept', async () => {
  const { cache, get, loads } = cacheOf({ windowMs: 0 });

  await Promise.all([get('a'), get('a'), get('a')]);

  expect(loads()).toBe(3);
  expect(cache.peek('a')).toBeUndefined();
});

test('a clock that was set back ends the window', async () => {
  const { get, clock } = cacheOf();
  clock.ms = 5000;
  await get('a');

  clock.ms = 4999;

  expect(await get('a')).toBe('a 2');
});

test('a failed load is told to all who waited and is not kept', async () => {
  const { cache, get } = cacheOf();
  const { waiting, load } = slowLoads();
  const calls = [cache.get(of('a'), load), cache.get(of('a'), load)];
  waiting[0]?.fail(new Error('no'));

  expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await get('a')).toBe('a 1');
});

test('a load that fails late does not remove the answer that came after it', async () => {
  const { cache, clock } = cacheOf();
  const { waiting, load } = slowLoads();
  const failing = cache.get(of('a'), load);
  clock.ms = WINDOW_MS;
  const next = cache.get(of('a'), load);
  waiting[1]?.come('second');
  await next;

  waiting[0]?.fail(new Error('late'));

  await expect(failing).rejects.toThrow('late');
  expect(cache.peek('a')).toBe('second');
});

test('what is forgotten is given to nobody from that moment on', async () => {
  const { cache, get } = cacheOf();
  await Promise.all([get('a'), get('b')]);

  cache.forget((value) => value.startsWith('a'));

  expect(cache.peek('a')).toBeUndefined();
  expect(await get('a')).toBe('a 3');
  expect(await get('b')).toBe('b 2');
});

test.each([0, WINDOW_MS])('what is forgotten on its way is asked for again, with a window of %s', async (windowMs) => {
  const { cache } = cacheOf({ windowMs });
  const { waiting, load } = slowLoads();
  const call = cache.get(of('a'), load);

  cache.forget((value) => value === 'old');
  waiting[0]?.come('old');
  await settled();
  waiting[1]?.come('new');

  expect(await call).toBe('new');
});

test('what is on its way and is not what was forgotten serves', async () => {
  const { cache } = cacheOf();
  const { waiting, load } = slowLoads();
  const call = cache.get(of('a'), load);

  cache.forget((value) => value === 'something else');
  waiting[0]?.come('mine');

  expect(await call).toBe('mine');
  expect(cache.peek('a')).toBe('mine');
});

test('a caller whose every answer is forgotten before it comes is told so', async () => {
  const { cache } = cacheOf();
  const call = cache.get(of('a'), async () => {
    cache.forget(() => true);
    return 'gone';
  });
  // What forgets before its own load is entered forgets nothing: the load has to be under way.
  expect(await call).toBe('gone');

  const always = cache.get(of('b'), async () => {
    await settled();
    cache.forget(() => true);
    return 'gone';
  });
  await expect(always).rejects.toMatchObject({ code: 'state.changed-meanwhile', retry: true });
});

test('there are never more answers than allowed; the one whose window ends first makes room', async () => {
  const { cache, get } = cacheOf({ entriesMax: 3 });

  for (const name of ['a', 'b', 'a', 'c', 'd']) await get(name);

  expect(['a', 'b', 'c', 'd'].filter((name) => cache.peek(name) !== undefined)).toEqual(['b', 'c', 'd']);
});

test('nobody is ever given an answer that was asked for longer ago than the window, except who asked for it', async () => {
  const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), passMs: fc.nat(700), comes: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = { ms: 0 };
      const cache = windowCache<{ begunAtMs: number }>({
        windowMs: () => WINDOW_MS,
        entriesMax: 2,
        nowMs: () => clock.ms,
      });
      const waiting: (() => void)[] = [];
      const outcomes: Promise<unknown>[] = [];
      for (const { name, passMs, comes } of steps) {
        let own: object | undefined;
        const load = () =>
          new Promise<{ begunAtMs: number }>((come) => {
            const value = { begunAtMs: clock.ms };
            own = value;
            waiting.push(() => come(value));
          });
        const call = cache.get(of(name), load).then((value) => {
          if (value !== own) expect(clock.ms - value.begunAtMs).toBeLessThan(WINDOW_MS);
        });
        outcomes.push(call);
        clock.ms += passMs;
        for (const come of waiting.splice(0, comes)) come();
        await settled();
      }
      while (waiting.length > 0) {
        for (const come of waiting.splice(0)) come();
        await settled();
      }
      await Promise.all(outcomes);
    }),
    { numRuns: 200, ...(process.env['SEED'] && { seed: Number(process.env['SEED']) }) },
  );
});

describe('whose window it is', () => {
  function owners() {
    const clock = { ms: 0 };
    const windows: Record<string, number> = { acme: 1000, globex: 5000 };
    const due: (() => void)[] = [];
    const cache = windowCache<string>({
      windowMs: (owner) => windows[owner] ?? 0,
      entriesMax: 10,
      nowMs: () => clock.ms,
      later: (run) => due.push(run),
    });
    const load = (name: string, owner: string) => cache.get(of(name, owner), async () => `${name} of ${owner}`);
    const sweep = () => {
      for (const run of due.splice(0)) run();
    };
    return { clock, windows, cache, load, sweep, due };
  }

  test('each owner has a window of their own', async () => {
    const { clock, cache, load } = owners();
    await load('a', 'acme');
    await load('b', 'globex');

    clock.ms = 1000;

    expect(cache.peek('a')).toBeUndefined();
    expect(cache.peek('b')).toBe('b of globex');
  });

  test('a window that became shorter ends what is kept already; one that became longer revives nothing that is gone', async () => {
    const { clock, windows, cache, load, sweep } = owners();
    await load('b', 'globex');
    clock.ms = 2000;

    windows['globex'] = 1500;
    expect(cache.peek('b')).toBeUndefined();
    sweep();
    windows['globex'] = 5000;

    expect(cache.peek('b')).toBeUndefined();
  });

  test('what is over leaves the memory though nobody asks for it; what is not over stays', async () => {
    const { clock, windows, cache, load, sweep, due } = owners();
    await load('a', 'acme');
    await load('b', 'globex');
    clock.ms = 1000;

    sweep();
    // Had it only been hidden, a longer window would show it again.
    windows['acme'] = 60_000;

    expect(cache.peek('a')).toBeUndefined();
    expect(cache.peek('b')).toBe('b of globex');
    clock.ms = 5000;
    sweep();
    expect(due).toEqual([]);
  });
});
