import { recentlySeen } from '../../../shared/domain/recently-seen';

test('a name is seen for as long as was said, by the time of whoever asks', () => {
  const isSeen = recentlySeen(10, 100);

  expect([isSeen('one', 0), isSeen('one', 99), isSeen('two', 99), isSeen('one', 100)]).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

test('what is remembered is bounded: then it is done again', () => {
  const isSeen = recentlySeen(2, 100);

  expect(['one', 'two', 'three', 'one'].map((name) => isSeen(name, 0))).toEqual([false, false, false, false]);
  expect(isSeen('three', 0)).toBe(true);
});
