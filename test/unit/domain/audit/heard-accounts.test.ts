import { heardAccounts } from '../../../../shared/domain/audit/heard-accounts';
import { CUSTOMER_ACCOUNT } from '../../../support/key-events';
import { aCustomer, OUR_ACCOUNT } from '../../../support/make';

const customers = {
  customer: async (customerId: string) =>
    customerId === 'globex' ? aCustomer({ customerId, accountId: CUSTOMER_ACCOUNT }) : undefined,
};
const record = { event: { account: CUSTOMER_ACCOUNT, source: 'aws.kms' }, customerIds: ['globex'] };
const heartbeat = {
  event: { account: CUSTOMER_ACCOUNT, source: 'keywright.heartbeat', detail: { customerId: 'globex' } },
  customerIds: [],
};

test('an account of many events in a batch is heard once, and a heartbeat among them counts', async () => {
  const about = { accountId: CUSTOMER_ACCOUNT, customerId: 'globex' };

  expect(await heardAccounts([record, record], OUR_ACCOUNT, customers)).toEqual([{ ...about, isHeartbeat: false }]);
  for (const events of [
    [record, heartbeat],
    [heartbeat, record],
  ])
    expect(await heardAccounts(events, OUR_ACCOUNT, customers)).toEqual([{ ...about, isHeartbeat: true }]);
});

test.each([
  ['of our own account', { ...record, event: { account: OUR_ACCOUNT } }],
  ['that was ignored', { ...record, customerIds: [] }],
  ['without an account', { ...record, event: {} }],
  ['that is no object', { ...record, event: 'text' }],
])('an event %s tells of nobody', async (_what, one) => {
  expect(await heardAccounts([one], OUR_ACCOUNT, customers)).toEqual([]);
});
