import { type CustomerMarks, customerIndex } from '../../../../shared/domain/customers/customer-index';

const marks = (customerId: string, encryptionContext: CustomerMarks['encryptionContext']): CustomerMarks => ({
  customerId,
  kmsKeys: [],
  accounts: [],
  encryptionContext,
});

test('any number of customers may share a context, and those with the most pairs are meant', () => {
  const many = Array.from({ length: 200_000 }, (_, at) => marks(`customer-${at}`, { tenant: 'all' }));
  const index = customerIndex([...many, marks('exact', { tenant: 'all', stage: 'live' })]);

  expect(index.ofContext({ tenant: 'all' }, undefined)).toHaveLength(200_000);
  expect(index.ofContext({ tenant: 'all', stage: 'live' }, undefined)).toEqual(['exact']);
  expect(index.ofContext({ tenant: 'none' }, undefined)).toEqual([]);
});
