import { listOptions } from '../../../../shared/domain/api/list-options';
import { ENCRYPTION_OPTIONS } from '../../../../shared/domain/customers/customer';

test('the API serves six options, from nothing to what the provider never sees', async () => {
  const answer = await listOptions.run({}, { principal: 'ada' }, {});

  expect(answer).toMatchObject({ options: ENCRYPTION_OPTIONS.map((option) => ({ option })) });
});
