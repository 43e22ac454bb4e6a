import { showWindow } from '../../../../cli/window/command';
import { NOW } from '../../../support/make';

test('a window is shown with what a loss does, and who chose it', () => {
  const shown = { customerId: 'acme', windowSeconds: 60, onLoss: 'keep', setBy: 'ada', setAt: NOW } as const;

  expect(showWindow(shown)).toBe(
    [
      'acme: applications keep data keys for 60 s.',
      '  When their KMS key is lost, applications go on until the window ends.',
      '  set 2026-11-24 12:00:00 UTC by ada',
    ].join('\n'),
  );
});

test('with a window of 0 there is nothing to keep, whatever was chosen for a loss', () => {
  const text = showWindow({ customerId: 'acme', windowSeconds: 0, onLoss: 'keep' });

  expect(text).toContain('every call asks KMS');
  expect(text).toContain('stop within seconds');
  expect(text).toContain('the default');
});

test('what a customer is called or who chose cannot draw on the terminal', () => {
  const text = showWindow({
    customerId: 'ac\u001b[2Jme',
    windowSeconds: 1,
    onLoss: 'flush',
    setBy: 'a\u0007',
    setAt: NOW,
  });

  expect([...text].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
});
