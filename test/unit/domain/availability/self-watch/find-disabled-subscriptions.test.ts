import { findDisabledSubscriptions } from '../../../../../shared/domain/availability/self-watch/find-disabled-subscriptions';
import { NOW } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';

test('what is disabled is found with its reason; what goes on again is not', async () => {
  const control = memoryControlStore();
  const row = { customerId: 'acme', kind: 'webhook', reason: 'it answered 410', since: NOW, revision: 1 } as const;
  control.given('disabled-subscription', { ...row, name: 'siem', dueAt: NOW }, { ...row, name: 'lake' });

  expect(await findDisabledSubscriptions.find({ control, clock: { now: () => NOW } })).toEqual({
    found: [
      {
        trouble: 'subscription-disabled',
        subject: 'siem of acme',
        since: NOW,
        evidence: 'its destination was given up: it answered 410',
      },
    ],
    isWhole: true,
  });
});
