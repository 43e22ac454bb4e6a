import { faultPlan } from '../faults';

const THROTTLE = { service: 'kms', kind: 'throttle', probability: 1 } as const;

test('without a plan nothing strikes', () => {
  expect(faultPlan(() => 0).strikes('kms', 'Decrypt', ['throttle'])).toBeUndefined();
});

test('a fault strikes its service, its operation and the kinds asked for, and nothing else', () => {
  const plan = faultPlan(() => 0);
  plan.set([{ ...THROTTLE, operation: 'Decrypt' }]);

  expect(plan.strikes('sqs', 'Decrypt', ['throttle'])).toBeUndefined();
  expect(plan.strikes('kms', 'Encrypt', ['throttle'])).toBeUndefined();
  expect(plan.strikes('kms', 'Decrypt', ['delay'])).toBeUndefined();
  expect(plan.strikes('kms', 'Decrypt', ['delay', 'throttle'])?.kind).toBe('throttle');
});

test('a fault strikes as often as its probability says', () => {
  const draws = [0.29, 0.3, 0.31, 0];
  const plan = faultPlan(() => draws.shift() ?? 1);
  plan.set([{ ...THROTTLE, probability: 0.3 }]);

  const struck = [1, 2, 3, 4].map(() => plan.strikes('kms', 'Decrypt', ['throttle']) !== undefined);

  expect(struck).toEqual([true, false, false, true]);
  expect(plan.struck).toEqual({ 'kms throttle': 2 });
});

test('a fault ends after it struck the number of times planned, and the next one has its turn', () => {
  const plan = faultPlan(() => 0);
  plan.set([
    { ...THROTTLE, times: 1 },
    { ...THROTTLE, kind: 'server-error' },
  ]);
  const kinds = ['throttle', 'server-error'] as const;

  expect([1, 2].map(() => plan.strikes('kms', 'Decrypt', kinds)?.kind)).toEqual(['throttle', 'server-error']);
});

test('a new plan replaces the old one', () => {
  const plan = faultPlan(() => 0);
  plan.set([THROTTLE]);
  plan.set([]);

  expect(plan.strikes('kms', 'Decrypt', ['throttle'])).toBeUndefined();
});

test('a probability that is none is refused by the name of the fault', () => {
  expect(() => faultPlan(() => 0).set([{ ...THROTTLE, probability: 3 }])).toThrow('kms throttle');
});
