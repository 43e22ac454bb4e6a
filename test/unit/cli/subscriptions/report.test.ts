import { showDetails, showMade, showTest } from '../../../../cli/subscriptions/report';
import type { ShownSubscription } from '../../../../shared/domain/api/subscriptions';
import { NOW } from '../../../support/make';

const SHOWN: ShownSubscription = {
  customerId: 'acme',
  name: 'siem',
  kind: 'webhook',
  target: 'https://siem.example.com/keywright',
  format: 'cloudevents',
  filter: { outcomes: ['failed'] },
  signing: 'v1',
  state: 'active',
  cursor: 12,
  delivered: 10,
  parked: 1,
  failures: 1,
  failing: { since: NOW, reason: 'it answered 503' },
  test: { testId: 'one', requestedAt: NOW, endedAt: NOW },
  addedBy: 'somebody',
  addedAt: NOW,
  hasSecret: true,
};

test('what was made is told with the secret of its receiver, and that this is the only time', () => {
  const text = showMade({ subscription: SHOWN, receiverSecret: 'whsec_abc' });

  expect(text).toContain('told this once');
  expect(text).toContain('  whsec_abc');
});

test('what was tried and set aside is shown, with the command that sends it again', () => {
  const text = showDetails({
    subscription: SHOWN,
    behind: 3,
    attempts: [
      { at: NOW, from: 0, to: 9, result: 'taken' },
      { at: NOW, from: 12, to: 12, result: 'failed', reason: 'it answered \u001b[31m503' },
    ],
    parked: [{ index: 11, reason: 'it is too large', at: NOW }],
  });

  expect(text).toContain('next entry 12, 3 behind; 10 sent, 1 set aside');
  expect(text).toContain('entries 0 to 9: taken');
  expect(text).toContain('outcomes: failed');
  expect(text).toContain('keywright subscriptions resend acme siem 11');
  expect(text).not.toContain('\u001b[31m503');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80 + 10);
});

test('a test that was not taken says why', () => {
  expect(showTest('siem', { testId: 'one', taken: false, failure: 'it answered 404' })).toContain('it answered 404');
});
