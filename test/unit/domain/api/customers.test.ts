import { addCustomer, type CustomerPage, listCustomers } from '../../../../shared/domain/api/customers';
import { after, anArn, OUR_ACCOUNT } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const ADA = { principal: 'ada' };
const THEIRS = '444455556666';
const terms = { periodDays: 365, reencrypt: true, dueAt: after(86_400_000) };
const valid = {
  customerId: 'globex',
  name: 'Globex',
  option: 'customer-specific',
  key: anArn('new'),
  rotation: { strategy: 'replace', ...terms },
};
const held = { ...valid, option: 'customer-managed', accountId: THEIRS, key: anArn('new', THEIRS) };

function world() {
  const made = rotationWorld();
  made.kms.given(anArn('new'));
  return made;
}

test('a customer is added once, and listed', async () => {
  const { ports } = world();

  expect(await addCustomer.run(valid, ADA, ports)).toMatchObject({ added: true });
  expect(await addCustomer.run(valid, ADA, ports)).toMatchObject({ added: false });

  const page = (await listCustomers.run({}, ADA, ports)) as CustomerPage;
  expect(page.customers).toMatchObject([{ customerId: 'globex', option: 'customer-specific' }]);
});

test.each([
  ['another name', { name: 'Other' }, 'name'],
  ['another key', { key: anArn('other') }, 'key'],
])('added again with %s it is refused', async (_, fields, field) => {
  const { ports } = world();
  await addCustomer.run(valid, ADA, ports);

  const again = addCustomer.run({ ...valid, ...fields }, ADA, ports);

  await expect(again).rejects.toMatchObject({ code: 'state.forbids', details: { field } });
});

test.each([
  ['an option that there is not', { ...valid, option: 'banana' }, 'option'],
  ['no encryption', { ...valid, option: 'none' }, 'option'],
  ['an alias', { ...valid, key: 'alias/globex' }, 'key'],
  ['a key of another region', { ...valid, key: anArn('new').replace('eu-central-1', 'us-east-1') }, 'key'],
  ['a key of another account', { ...valid, key: anArn('new', THEIRS) }, 'key'],
  ['an account beside a key of ours', { ...valid, accountId: THEIRS }, 'accountId'],
  ['no account for a key that they hold', { ...held, accountId: undefined }, 'accountId'],
  ['our account for a key that they hold', { ...held, accountId: OUR_ACCOUNT }, 'accountId'],
  ['a key that is not of their account', { ...held, key: anArn('new') }, 'key'],
])('%s is refused by the field, and nothing is registered', async (_, input, field) => {
  const { ports, control } = world();

  await expect(addCustomer.run(input, ADA, ports)).rejects.toMatchObject({ code: 'input.invalid', details: { field } });
  expect(control.all('customer')).toEqual([]);
});

test.each([
  ['a replica', { multiRegion: 'replica' }],
  ['an HMAC key', { keyUsage: 'GENERATE_VERIFY_MAC', keySpec: 'HMAC_256' }],
] as const)('%s is refused', async (_, description) => {
  const { ports, kms } = world();
  kms.describeAs(anArn('new'), description);

  await expect(addCustomer.run(valid, ADA, ports)).rejects.toMatchObject({ code: 'input.invalid' });
});
