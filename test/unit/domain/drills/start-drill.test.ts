import { startDrill } from '../../../../shared/domain/drills/start-drill';
import { drillWorld } from '../../../support/drill-world';
import { aCustomer } from '../../../support/make';

test('asked for twice it is one drill, until it is over', async () => {
  const world = drillWorld();
  const first = await world.start();
  expect(await world.start()).toMatchObject({ drillId: first.drillId });
  expect((await world.start('key-policy')).drillId).not.toBe(first.drillId);
  expect(world.facts()).toEqual(['drill-due.v1', 'drill-due.v1']);
});

test('a customer’s drill is one of its own, and ends in a fact that names them; nobody else’s does', async () => {
  const world = drillWorld();
  world.control.given('customer', aCustomer({ customerId: 'acme' }));
  await world.through('key-disabled');
  await startDrill({ cause: 'key-disabled', requestedBy: 'ada', customerId: 'acme' }, world.ports);
  for (let turn = 0; turn < 20; turn += 1) {
    await world.run();
    await world.pass(15);
  }

  const ended = world.control.outbox.filter(({ detailType }) => detailType === 'drill-ended.v1');
  expect(ended.map(({ detail }) => detail['customerId'])).toEqual([undefined, 'acme']);
  expect(ended[1]?.detail).not.toHaveProperty('kmsKeyArn');
  expect(world.incidents().map(({ customerId }) => customerId)).toEqual([undefined, undefined]);
});

test('a customer whom nobody knows is refused', async () => {
  const world = drillWorld();
  await expect(
    startDrill({ cause: 'key-disabled', requestedBy: 'ada', customerId: 'nobody' }, world.ports),
  ).rejects.toMatchObject({ code: 'state.not-found' });
  expect(world.control.all('drill')).toEqual([]);
});

test('twenty wait at the most', async () => {
  const world = drillWorld();
  const asked = (name: string) => {
    world.control.given('customer', aCustomer({ customerId: name }));
    return startDrill({ cause: 'key-disabled', requestedBy: 'ada', customerId: name }, world.ports);
  };
  for (let number = 0; number < 20; number += 1) await asked(`customer-${number}`);

  await expect(asked('one-more')).rejects.toMatchObject({
    code: 'state.forbids',
    message: expect.stringMatching(/^cause: /),
  });
});
