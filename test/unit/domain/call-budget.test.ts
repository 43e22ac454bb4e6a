import { callBudget } from '../../../shared/domain/call-budget';
import { after } from '../../support/make';

/** Time that passes where somebody waits for it, and no other. */
function waiting(callsPerSecond: number) {
  const time = { ms: 0 };
  const waits: number[] = [];
  const turn = callBudget(callsPerSecond, {
    clock: { now: () => after(time.ms) },
    pause: { wait: async (ms) => void waits.push(ms) },
  });
  return { time, waits, turn };
}

test('who asks while nothing is used does not wait, and those behind wait for what was taken before them', async () => {
  const { waits, turn } = waiting(100);

  for (let asked = 0; asked < 3; asked += 1) await turn(5);

  expect(waits).toEqual([50, 100]);
});

test('what was not used is not saved up: there is never a burst', async () => {
  const { time, waits, turn } = waiting(100);
  await turn(1);
  time.ms = 60_000;

  await turn(50);
  await turn(50);

  expect(waits).toEqual([500]);
});
