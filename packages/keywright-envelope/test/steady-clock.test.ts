/** However a machine's clock is set, time passes by at least as much as it did. */
import { steadyClock } from '../steady-clock';

function world() {
  let wall = 1_000_000;
  let counted = 5;
  const clock = steadyClock(
    () => wall,
    () => counted,
  );
  return {
    clock,
    pass(ms: number, { wallMoves = ms, countedMoves = ms } = {}) {
      wall += wallMoves;
      counted += countedMoves;
    },
  };
}

test.each([
  ['runs', {}, 1_000],
  ['is set back', { wallMoves: -3_600_000 }, 1_000],
  ['is set forward', { wallMoves: 3_600_000 }, 3_600_000],
  ['is the only one that ran while the machine slept', { countedMoves: 0 }, 1_000],
  ['is set back while the machine sleeps', { wallMoves: -1, countedMoves: 0 }, 0],
])('a second in which the clock on the wall %s', (_, moves, passed) => {
  const { clock, pass } = world();
  const before = clock();
  pass(1_000, moves);
  expect(clock() - before).toBe(passed);
});

test('a clock that is set back and forward again counts no time twice that nobody lived through', () => {
  const { clock, pass } = world();
  const before = clock();
  pass(1_000, { wallMoves: -10_000 });
  clock();
  pass(1_000);
  expect(clock() - before).toBe(2_000);
});
