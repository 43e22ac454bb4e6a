import { exitCodeOf, firstSignal } from '../../../../cli/start/signals';

test('the first signal is heard, and the second one is left to end the process', async () => {
  const before = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');

  const heard = firstSignal();
  process.emit('SIGTERM', 'SIGTERM');

  expect(await heard).toBe('SIGTERM');
  expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(before);
});

test('it ends as the shell says that a signal ends a program', () => {
  expect([exitCodeOf('SIGINT'), exitCodeOf('SIGTERM')]).toEqual([130, 143]);
});
