import { impactOf } from '../../../../../shared/domain/availability/incidents/key-impact';
import { firstStopAt } from '../../../../../shared/domain/availability/incidents/loss-outlook';
import { weighLoss } from '../../../../../shared/domain/availability/incidents/weigh-loss';
import { KeywrightError } from '../../../../../shared/domain/errors';
import { NEVER } from '../../../../../shared/domain/instants';
import { aCustomer, aDataStore, anArn, after as inMs, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';

const MINUTE_MS = 60_000;
const clock = { now: () => NOW };

/** Two customers share a key; Acme was promised more, and their own acts are excluded. */
async function world() {
  const control = memoryControlStore();
  control.given('customer', aCustomer(), aCustomer({ customerId: 'globex', name: 'Globex' }));
  control.given(
    'data-store',
    aDataStore({ dataStoreId: 'a' }),
    aDataStore({ dataStoreId: 'b', kind: 's3', capabilities: [] }),
    aDataStore({ customerId: 'globex', dataStoreId: 'c', kind: 'rds' }),
    aDataStore({ customerId: 'globex', dataStoreId: 'd', kind: 'sqs' }),
  );
  const agreed = { window: { days: 30 }, setBy: 'ada', setAt: NOW, dueAt: NEVER, revision: 1 } as const;
  control.given('service-level', { ...agreed, customerId: 'acme', targetPercent: 99.95, exclude: ['customer-key'] });
  const chosen = { customerId: 'acme', windowSeconds: 600, onLoss: 'keep' } as const;
  control.given('customer-window', { ...chosen, setBy: 'ada', setAt: NOW, revision: 1 });
  const impact = await impactOf(anArn(), control);
  return { control, impact };
}

const loss = { lostAt: NOW, cause: 'key-disabled', isServing: false } as const;

test('data stores are told apart by when they stop, the first first', async () => {
  const { control, impact } = await world();

  const { stopping } = await weighLoss({ ...loss, impact }, { control, clock, log: silentLog });

  expect(stopping).toEqual([
    { stops: 'known', stopsAt: NOW, dataStores: 1, customerFacing: 0 },
    { stops: 'known', stopsAt: inMs(5 * MINUTE_MS), dataStores: 1, customerFacing: 1 },
    { stops: 'known', stopsAt: inMs(10 * MINUTE_MS), dataStores: 1, customerFacing: 1 },
    { stops: 'known', stopsAt: inMs(120 * MINUTE_MS), dataStores: 1, customerFacing: 1 },
  ]);
});

test('the budget that it weighs on most is the one with the least left', async () => {
  const { control, impact } = await world();

  const { budget } = await weighLoss({ ...loss, party: 'provider', impact }, { control, clock, log: silentLog });

  expect(budget).toMatchObject({ customerId: 'acme', leftMs: 21.6 * MINUTE_MS, usedUpAt: inMs(21.6 * MINUTE_MS) });
});

test('time that a clause excludes weighs on nobody: those whose time it is come after the others', async () => {
  const { control, impact } = await world();

  const { budget } = await weighLoss({ ...loss, party: 'customer', impact }, { control, clock, log: silentLog });

  expect(budget).toMatchObject({ customerId: 'globex', isDefault: true });
  expect(budget).not.toHaveProperty('clause');
});

test('of the customer’s own act alone the clause is told, and no moment at which the budget is used up', async () => {
  const { control, impact } = await world();
  const own = { ...impact, customers: impact.customers.slice(0, 1) };

  const { budget } = await weighLoss({ ...loss, party: 'customer', impact: own }, { control, clock, log: silentLog });

  expect(budget).toMatchObject({ customerId: 'acme', clause: 'customer-key' });
  expect(budget).not.toHaveProperty('usedUpAt');
});

test('where the key still serves nothing stops, and nothing is used up', async () => {
  const { control, impact } = await world();

  const outlook = await weighLoss({ ...loss, isServing: true, impact }, { control, clock, log: silentLog });

  expect(outlook.stopping).toEqual([]);
  expect(outlook.budget).not.toHaveProperty('usedUpAt');
});

test('a data store of which no time is published counts as stopped with the key', () => {
  const stopping = [{ stops: 'unpublished', dataStores: 1, customerFacing: 1 }] as const;

  expect(firstStopAt({ lostAt: NOW, stopping })).toBe(NOW);
  expect(
    firstStopAt({ lostAt: NOW, stopping: [{ stops: 'next-use', dataStores: 1, customerFacing: 1 }] }),
  ).toBeUndefined();
});

test('of whom the budget cannot be read the others are weighed all the same, and what stops is told', async () => {
  const { control, impact } = await world();
  const ofCustomer: typeof control.ofCustomer = (noun, customerId) => {
    if (customerId === 'acme') throw new KeywrightError('store.unreachable', 'the index is away');
    return control.ofCustomer(noun, customerId);
  };
  const ports = { control: { ...control, ofCustomer }, clock, log: silentLog };

  expect(await weighLoss({ ...loss, impact }, ports)).toMatchObject({ budget: { customerId: 'globex' } });
  const { stopping } = await weighLoss({ ...loss, impact }, ports);
  expect(stopping.length).toBeGreaterThan(0);
});
