import fc from 'fast-check';
import { keyUseOf } from '../../../../events/kms-key-use';
import { attribute, ownerAccountIsCustomer } from '../../../../shared/domain/audit/whose-record';
import { type CustomerMarks, customerIndex } from '../../../../shared/domain/customers/customer-index';
import {
  ACCOUNT,
  aKmsRecord,
  aReEncrypt,
  type Fields,
  KEY,
  OTHER_ACCOUNT,
  OTHER_KEY,
} from '../../../support/cloudtrail-records';

const marks = (customerId: string, some: Partial<CustomerMarks>): CustomerMarks => ({
  customerId,
  kmsKeys: [],
  accounts: [],
  encryptionContext: {},
  ...some,
});

const acmeByKey = marks('acme', { kmsKeys: [KEY] });
const acmeByContext = marks('acme', { encryptionContext: { tenant: 'acme' } });
const acmeByAccount = marks('acme', { accounts: [ACCOUNT] });

function whose(fields: Fields, ...customers: readonly CustomerMarks[]): readonly string[] {
  return attribute(keyUseOf(aKmsRecord(fields)), customerIndex(customers)).map(({ customerId }) => customerId);
}

test('a record goes by the key it used', () => {
  expect(whose({}, acmeByKey, marks('globex', { kmsKeys: [OTHER_KEY] }))).toEqual(['acme']);
});

test('the key comes before the context, and the context before the account', () => {
  const globexByContext = marks('globex', { encryptionContext: { tenant: 'acme' } });
  const initechByAccount = marks('initech', { accounts: [ACCOUNT] });

  expect(whose({}, acmeByKey, globexByContext, initechByAccount)).toEqual(['acme']);
  expect(whose({}, globexByContext, initechByAccount)).toEqual(['globex']);
  expect(whose({}, initechByAccount)).toEqual(['initech']);
});

test('a context fits only when it carries every pair', () => {
  const exact = marks('acme', { encryptionContext: { tenant: 'acme', stage: 'live' } });

  expect(whose({}, exact)).toEqual([]);
  expect(
    whose({ requestParameters: { encryptionContext: { tenant: 'acme', stage: 'live', more: 'x' } } }, exact),
  ).toEqual(['acme']);
});

test('of two customers whose contexts fit, the more exact one is meant', () => {
  const live = marks('acme-live', { encryptionContext: { tenant: 'acme', stage: 'live' } });
  const request = { requestParameters: { encryptionContext: { tenant: 'acme', stage: 'live' } } };

  expect(whose(request, acmeByContext, live)).toEqual(['acme-live']);
});

test('a customer without pairs is not the customer of every context', () => {
  expect(whose({}, marks('empty', {}))).toEqual([]);
});

test('pairs are compared whole: a name and a value do not run into each other', () => {
  const tricky = marks('acme', { encryptionContext: { ab: 'c' } });

  expect(whose({ requestParameters: { encryptionContext: { a: 'bc' } } }, tricky)).toEqual([]);
});

test('a key that two customers list is told apart by the context, else by nobody', () => {
  const shared = [
    marks('acme', { kmsKeys: [KEY], encryptionContext: { tenant: 'acme' } }),
    marks('globex', { kmsKeys: [KEY], encryptionContext: { tenant: 'globex' } }),
  ];

  expect(whose({}, ...shared)).toEqual(['acme']);
  expect(whose({ requestParameters: { encryptionContext: { tenant: 'initech' } } }, ...shared)).toEqual([]);
});

test('customers who share a key are not passed over for one who only shares a context', () => {
  const initech = marks('initech', { encryptionContext: { tenant: 'acme' } });

  expect(whose({}, marks('acme', { kmsKeys: [KEY] }), marks('globex', { kmsKeys: [KEY] }), initech)).toEqual([]);
});

test('a record is not given to a customer by guess', () => {
  expect(whose({}, acmeByAccount, marks('globex', { accounts: [ACCOUNT] }))).toEqual([]);
});

test('without customers the account in the ARN of the key is the customer, whatever the resource says', () => {
  const record = aKmsRecord({ resources: [{ ARN: OTHER_KEY, accountId: 'AWS Internal' }] });

  expect(attribute(keyUseOf(record), ownerAccountIsCustomer)).toMatchObject([{ customerId: OTHER_ACCOUNT }]);
});

test('ReEncrypt from one customer to another concerns both, each with their own key', () => {
  const concerns = attribute(
    keyUseOf(aReEncrypt()),
    customerIndex([acmeByKey, marks('globex', { kmsKeys: [OTHER_KEY] })]),
  );

  expect(concerns).toMatchObject([
    { customerId: 'acme', isPartial: true, keys: [{ kmsKeyArn: KEY }] },
    { customerId: 'globex', isPartial: true, keys: [{ kmsKeyArn: OTHER_KEY }] },
  ]);
});

test('ReEncrypt between two keys of one customer is one concern, and whole', () => {
  const concerns = attribute(keyUseOf(aReEncrypt()), customerIndex([marks('acme', { kmsKeys: [KEY, OTHER_KEY] })]));

  expect(concerns).toMatchObject([{ customerId: 'acme', isPartial: false }]);
  expect(concerns[0]?.keys).toHaveLength(2);
});

test('ReEncrypt on one shared key between two contexts concerns both customers', () => {
  const onShared = aReEncrypt({ resources: [{ ARN: KEY }, { ARN: KEY }] });
  const index = customerIndex([acmeByContext, marks('globex', { encryptionContext: { tenant: 'globex' } })]);

  expect(attribute(keyUseOf(onShared), index)).toMatchObject([
    { customerId: 'acme', isPartial: true },
    { customerId: 'globex', isPartial: true },
  ]);
});

const names = ['a', 'b', 'c'];
const anyMarks = fc
  .array(
    fc.record({
      kmsKeys: fc.subarray([KEY, OTHER_KEY]),
      accounts: fc.subarray([ACCOUNT, OTHER_ACCOUNT]),
      encryptionContext: fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...names), { maxKeys: 2 }),
    }),
    { maxLength: 4 },
  )
  .map((list) => list.map((some, at) => marks(`customer-${at}`, some)));

/** The rules again, by walking the list: slow, and plain enough to be believed. */
function referenceFor(
  kmsKeyArn: string,
  context: Readonly<Record<string, string>>,
  customers: readonly CustomerMarks[],
) {
  const fits = ({ encryptionContext }: CustomerMarks) =>
    Object.entries(encryptionContext).every(([k, v]) => context[k] === v);
  const pairs = (customer: CustomerMarks) => Object.keys(customer.encryptionContext).length;
  const withContext = customers.filter((customer) => pairs(customer) > 0 && fits(customer));
  const rules = [
    customers.filter(({ kmsKeys }) => kmsKeys.includes(kmsKeyArn)),
    withContext.filter((one) => withContext.every((other) => pairs(other) <= pairs(one))),
    customers.filter(({ accounts }) => accounts.includes(kmsKeyArn.split(':')[4] ?? '')),
  ];
  let left: readonly CustomerMarks[] = [];
  for (const found of rules) {
    const both = left.filter((customer) => found.includes(customer));
    left = left.length === 0 ? found : both.length > 0 ? both : left;
    if (left.length === 1) break;
  }
  return left.length === 1 ? [left[0]?.customerId] : [];
}

test('a record is in exactly the stream that the rules name, and in no other', () => {
  const context = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...names), { maxKeys: 3 });
  fc.assert(
    fc.property(fc.constantFrom(KEY, OTHER_KEY), context, anyMarks, (arn, encryptionContext, customers) => {
      const fields = { resources: [{ ARN: arn }], requestParameters: { encryptionContext } };
      expect(whose(fields, ...customers)).toEqual(referenceFor(arn, encryptionContext, customers));
    }),
    { numRuns: 2000 },
  );
});
