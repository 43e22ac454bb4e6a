/** What a customer chooses for their data keys, who may not choose what, and what is made of rows that nobody set. */

import { OPERATIONS } from '../../../../shared/domain/api/catalogue';
import type { ShownWindow } from '../../../../shared/domain/api/customer-windows';
import { windowTermsOf } from '../../../../shared/domain/customers/customer-window';
import { setCustomerWindow } from '../../../../shared/domain/customers/set-customer-window';
import { aCustomer, countedIds, NOW } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';

const ADA = 'arn:aws:iam::111122223333:user/ada';

function world() {
  const control = memoryControlStore();
  control.given('customer', aCustomer({ revision: 1 }));
  const ports = { control, clock: { now: () => NOW }, ids: countedIds() };
  const run = (name: string, input: object) =>
    OPERATIONS.find((one) => one.name === name)?.run(input, { principal: ADA }, ports as never) as Promise<ShownWindow>;
  return { control, ports, run };
}

test('a window is kept with the customer, told once, and shown with who chose it', async () => {
  const { control, run } = world();

  const set = { customerId: 'acme', windowSeconds: 60, onLoss: 'keep' };
  expect(await run('set-customer-window', set)).toEqual({ ...set, setBy: ADA, setAt: NOW });
  await run('set-customer-window', set);

  expect(control.outbox).toMatchObject([{ detailType: 'customer-window-set.v1', detail: { ...set, setBy: ADA } }]);
  expect(await run('show-customer-window', { customerId: 'acme' })).toMatchObject(set);
  expect(control.all('customer-window')).toHaveLength(1);
});

test('what is left out stays as it is', async () => {
  const { ports } = world();
  await setCustomerWindow({ customerId: 'acme', windowSeconds: 0, by: ADA }, ports);

  expect(await setCustomerWindow({ customerId: 'acme', onLoss: 'keep', by: ADA }, ports)).toEqual({
    windowSeconds: 0,
    onLoss: 'keep',
  });
});

test('a customer who did not choose has five minutes, and a loss takes effect at once', async () => {
  const { run } = world();

  expect(await run('show-customer-window', { customerId: 'acme' })).toEqual({
    customerId: 'acme',
    windowSeconds: 300,
    onLoss: 'flush',
  });
});

test.each([
  ['windowSeconds', {}],
  ['windowSeconds', { windowSeconds: -1 }],
  ['windowSeconds', { windowSeconds: 3601 }],
  ['windowSeconds', { windowSeconds: 0.5 }],
  ['windowSeconds', { windowSeconds: '60' }],
  ['onLoss', { onLoss: 'forget' }],
  ['customerId', { customerId: 'nobody', windowSeconds: 60 }],
  ['customerId', { customerId: '', windowSeconds: 60 }],
  ['seconds', { seconds: 60 }],
])('%s is named where it makes no sense: %j', async (field, input) => {
  const { control, run } = world();

  const refused = run('set-customer-window', { customerId: 'acme', ...input });

  await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(`^${field}: `), details: { field } });
  expect([...control.outbox, ...control.all('customer-window')]).toEqual([]);
});

test.each([
  { windowSeconds: 3601, onLoss: 'keep' },
  { windowSeconds: -5, onLoss: 'keep' },
  { windowSeconds: Number.NaN, onLoss: 'keep' },
  { windowSeconds: Number.POSITIVE_INFINITY, onLoss: 'keep' },
  { windowSeconds: '3600', onLoss: 'keep' },
  { windowSeconds: 60, onLoss: 'never' },
  {},
])('a row that nobody could have set keeps nothing: %j', (row) => {
  expect(windowTermsOf(row as never)).toEqual({ windowSeconds: 0, onLoss: 'flush' });
});
