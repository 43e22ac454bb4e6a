import { OPERATIONS, type OperationPorts } from '../../../../shared/domain/api/catalogue';
import { NEVER } from '../../../../shared/domain/instants';
import { after, anArn, aWatch, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const ADA = { principal: 'arn:aws:iam::111122223333:user/ada' };

function run(name: string, input: unknown, world: RotationWorld) {
  const operation = OPERATIONS.find((one) => one.name === name);
  const ports: OperationPorts = { ...world.ports, aliases: { keyOf: async () => undefined } };
  return operation?.run(input, ADA, ports);
}

test.each([
  ['list-keys', { key: anArn() }],
  ['list-keys', { customerId: 'acme' }],
  ['list-all-keys', {}],
])('%s %j tells that a key is away, since when, why, by whom and by which incident', async (name, input) => {
  const world = rotationWorld();
  world.givenKey();
  const loss = { availability: 'unavailable', cause: 'key-disabled', party: 'customer' } as const;
  const verdict = { ...loss, evidence: 'the key is disabled', at: after(60_000) };
  const watch = aWatch({ availability: 'unavailable', verdict, since: NOW, openIncidentId: 'incident-1' });
  world.control.given('key-watch', watch);

  const shown = await run(name, input, world);

  expect(shown).toMatchObject({
    keys: [{ kmsKeyArn: anArn(), state: 'active', ...loss, availabilitySince: NOW, incidentId: 'incident-1' }],
  });
});

test.each([
  ['has no watch', undefined],
  ['is not looked at any more, whatever was found before,', aWatch({ dueAt: NEVER })],
])('a key that %s is of unknown availability', async (_, watch) => {
  const world = rotationWorld();
  world.givenKey();
  if (watch) world.control.given('key-watch', watch);

  const shown = (await run('list-keys', { key: anArn() }, world)) as { keys: object[] };

  expect(shown.keys).toMatchObject([{ availability: 'unknown' }]);
  expect(shown.keys[0]).not.toHaveProperty('availabilitySince');
});

test('an available key says so, with nothing of a loss', async () => {
  const world = rotationWorld();
  world.givenKey();
  world.control.given('key-watch', aWatch());

  const { keys } = (await run('list-keys', { key: anArn() }, world)) as { keys: object[] };

  expect(keys).toMatchObject([{ availability: 'available', availabilitySince: NOW }]);
  for (const field of ['cause', 'party', 'incidentId', 'canary', 'access']) expect(keys[0]).not.toHaveProperty(field);
});

test('a page of all keys after what no page gave is refused by the name of the field', () =>
  expect(run('list-all-keys', { after: 'x' }, rotationWorld())).rejects.toThrow(/^after: /));

test('a budget that is nearly burnt is told with the key of its customer', async () => {
  const world = rotationWorld();
  world.givenKey();
  expect(await run('list-keys', { customerId: 'acme' }, world)).not.toMatchObject({ keys: [{ budget: {} }] });

  world.control.given('sla-interval', {
    incidentId: 'incident-1',
    customerId: 'acme',
    kmsKeyArn: anArn(),
    cause: 'key-disabled',
    lostAt: after(-3_600_000),
    detectedAt: after(-3_600_000),
    stoppedAt: after(-3_600_000),
    servingAt: NOW,
    dataStoreCount: 1,
    dataStores: [],
    restsOn: [],
    revision: 1,
  });

  expect(await run('list-keys', { customerId: 'acme' }, world)).toMatchObject({
    keys: [{ budget: { customerId: 'acme', leftMs: 2_592_000 - 3_600_000, isNearlyBurnt: true } }],
  });
});
