import fc from 'fast-check';
import { PACE, PACE_AT_START, paceAfter } from '../../../shared/domain/pace';

const usual = { throttled: false, latencyMs: 10 };
const throttled = { throttled: true, latencyMs: 10 };
const slow = { throttled: false, latencyMs: 100 };

const after = (...heard: (typeof usual)[]) => heard.reduce(paceAfter, PACE_AT_START).perSecond;

test('answers as usual make it faster', () => {
  expect(after(usual, usual)).toBe(PACE.startPerSecond + 2 * PACE.step);
});

test('a throttled request halves it', () => {
  expect(after(usual, throttled)).toBe((PACE.startPerSecond + PACE.step) / 2);
});

test('an answer far slower than usual slows it a little, before anything is throttled', () => {
  expect(after(usual, slow)).toBeCloseTo((PACE.startPerSecond + PACE.step) * PACE.onSlow);
});

test('latency that stays high becomes usual: it is not punished for ever', () => {
  const used = Array.from({ length: 200 }, () => slow).reduce(paceAfter, paceAfter(PACE_AT_START, usual));

  expect(paceAfter(used, slow).perSecond).toBeGreaterThan(used.perSecond);
});

test('whatever is heard, it stays within its bounds', () => {
  const heard = fc.record({ throttled: fc.boolean(), latencyMs: fc.double({ min: 0, max: 60_000, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(heard, { maxLength: 300 }), (all) => {
      const { perSecond } = all.reduce(paceAfter, PACE_AT_START);
      return perSecond >= PACE.leastPerSecond && perSecond <= PACE.mostPerSecond;
    }),
  );
});
