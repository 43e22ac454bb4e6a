import { ignoredSenders } from '../../../../shared/domain/audit/ignored-senders';

const [OURS, THEIRS, STRANGER] = ['111122223333', '444455556666', '999988887777'];
const event = (account: unknown, source = 'aws.kms') => ({ account, source });
const heartbeat = (account: string) => event(account, 'keywright.heartbeat');
const because = (one: unknown, reason = 'it concerns no customer') => ({ event: one, reason });

test('each account once, with the reason of the last', () => {
  const ignored = [because(event(STRANGER)), because(event(THEIRS)), because(event(STRANGER), 'it changes no role')];
  expect(ignoredSenders(ignored, OURS, [])).toEqual([
    { accountId: STRANGER, reason: 'it changes no role' },
    { accountId: THEIRS, reason: 'it concerns no customer' },
  ]);
});

test('not our own account, and nothing that names none', () => {
  const ignored = [event(OURS), event(undefined), event('x'.repeat(3_000)), null, 'text'].map((one) => because(one));
  expect(ignoredSenders(ignored, OURS, [])).toEqual([]);
});

test('a heartbeat counts only where it was not believed', () => {
  const heard = [{ accountId: THEIRS, customerId: 'globex', isHeartbeat: true }];
  const ignored = [because(heartbeat(THEIRS)), because(heartbeat(STRANGER))];
  expect(ignoredSenders(ignored, OURS, heard).map(({ accountId }) => accountId)).toEqual([STRANGER]);
});
