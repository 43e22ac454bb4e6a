import { tokenPace } from '../../../shared/adapters/token-pace';
import { KeywrightError } from '../../../shared/domain/errors';
import { PACE } from '../../../shared/domain/pace';

/** Time that passes only when somebody waits for it. */
function playedTime() {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    waitMs: async (ms: number) => {
      nowMs += ms;
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('requests are spaced at the pace', async () => {
  const time = playedTime();
  const pace = tokenPace(time);

  for (let request = 0; request < 100; request += 1) await pace.run(async () => time.pass(0));

  expect(time.nowMs()).toBeGreaterThan(600);
  expect(time.nowMs()).toBeLessThan(1000);
});

test('after a throttled request the next ones are half as fast, and the error is the caller’s', async () => {
  const time = playedTime();
  const pace = tokenPace(time);
  const throttled = () => Promise.reject(new KeywrightError('kms.throttled', 'slow down'));

  await expect(pace.run(throttled)).rejects.toMatchObject({ code: 'kms.throttled' });
  await pace.run(async () => undefined);
  const afterFirst = time.nowMs();
  await pace.run(async () => undefined);

  expect(time.nowMs() - afterFirst).toBeGreaterThan((1000 / PACE.startPerSecond) * 1.9);
});

test('who asked first goes first', async () => {
  const time = playedTime();
  const pace = tokenPace(time);
  const order: number[] = [];

  await Promise.all([1, 2, 3, 4].map((n) => pace.run(async () => order.push(n))));

  expect(order).toEqual([1, 2, 3, 4]);
});
