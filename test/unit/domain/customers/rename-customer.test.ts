import { renameCustomer } from '../../../../shared/domain/customers/rename-customer';
import { aCustomer } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

test('a new name is set and told of, once', async () => {
  const { ports, control, facts } = rotationWorld();
  control.given('customer', aCustomer());

  for (const _ of [1, 2]) await renameCustomer({ customerId: 'acme', name: 'Acme Inc', by: 'ada' }, ports);

  expect(await control.find('customer', 'acme')).toMatchObject({ name: 'Acme Inc' });
  expect(facts()).toHaveLength(1);
});
