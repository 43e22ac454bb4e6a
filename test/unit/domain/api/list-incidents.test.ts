import type { IncidentPage } from '../../../../shared/domain/api/list-incidents';
import { givenKey, over, run } from '../../../support/incident-world';
import { aDataStore, aKmsKey, anArn, anIncident, aWatch, NOW } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const idsOf = ({ incidents }: IncidentPage) => incidents.map(({ incidentId }) => incidentId);

test('without a key or a customer lists what is open, the newest first, also what on-call is not paged for yet', async () => {
  const world = rotationWorld();
  givenKey(world, 'one', { incidentId: 'i-1' }, over('i-0'));
  givenKey(world, 'two', { incidentId: 'i-3', dueAt: NOW });
  // Over, and on-call is still to be told.
  givenKey(world, 'three', { incidentId: 'i-2', state: 'closed', recoveredAt: NOW, dueAt: NOW });

  const page = await run<IncidentPage>('list-incidents', {}, world);

  expect(idsOf(page)).toEqual(['i-3', 'i-1']);
  expect(page).toMatchObject({ more: false, incidents: [{ state: 'open', severity: 'critical' }, {}] });
  expect(page).not.toHaveProperty('next');
});

test('what is over is listed after what is open, by key and by customer, each once', async () => {
  const world = rotationWorld();
  givenKey(world, 'one', over('i-5'), { incidentId: 'i-4' }, over('i-2'));
  for (const which of [{ key: anArn('one') }, { customerId: 'acme' }]) {
    expect(idsOf(await run('list-incidents', which, world))).toEqual(['i-4']);
    expect(idsOf(await run('list-incidents', { ...which, all: true }, world))).toEqual(['i-4', 'i-5', 'i-2']);
  }
});

test('a customer’s list has the incidents of keys that they share, and of no other key', async () => {
  const world = rotationWorld();
  const shared = anArn('shared');
  const { customerId: _none, ...key } = aKmsKey({ kmsKeyArn: shared, option: 'managed', revision: 1 });
  const { customerId: _nobody, ...incident } = anIncident({ kmsKeyArn: shared, incidentId: 'i-shared', revision: 1 });
  world.control.given('kms-key', key);
  world.control.given('incident', incident);
  world.control.given('key-watch', aWatch({ kmsKeyArn: shared, openIncidentId: 'i-shared' }));
  world.control.given('data-store', aDataStore({ customerId: 'hooli', kmsKeyArn: shared, revision: 1 }));
  givenKey(world, 'other', { incidentId: 'i-other' });

  expect(idsOf(await run('list-incidents', { customerId: 'hooli' }, world))).toEqual(['i-shared']);
  expect(idsOf(await run('list-incidents', { customerId: 'hooli', all: true }, world))).toEqual(['i-shared']);
});

test('pages hold every incident once, also when one ends between two of them', async () => {
  const world = rotationWorld();
  const closed = ['i-1', 'i-2', 'i-3', 'i-4', 'i-5'].map(over);
  givenKey(world, 'one', ...closed, { incidentId: 'i-6' });

  const pages: string[][] = [];
  let next: string | undefined;
  do {
    const input = { key: anArn('one'), all: true, limit: 2, ...(next !== undefined && { after: next }) };
    const page: IncidentPage = await run('list-incidents', input, world);
    pages.push(idsOf(page));
    next = page.next;
    givenKey(world, 'one', ...closed, over('i-6'));
  } while (next !== undefined);

  expect(pages).toEqual([
    ['i-6', 'i-5'],
    ['i-4', 'i-3'],
    ['i-2', 'i-1'],
  ]);
});

test.each<[object, RegExp]>([
  [{ all: true }, /^all: .*Name a key or a customer/],
  [{ limit: 0 }, /^limit: must be from 1 to 100/],
  [{ limit: 101 }, /^limit: /],
  [{ after: '{"pk":"customer#other"}' }, /^after: .*next/],
  [{ key: anArn(), customerId: 'acme' }, /^customerId: /],
])('%j is refused', async (input, message) => {
  await expect(run('list-incidents', input, rotationWorld())).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringMatching(message),
  });
});

test('a list shows no data stores by name: it is to fit an answer however many there are', async () => {
  const world = rotationWorld();
  givenKey(world, 'one', {});

  const { incidents } = await run<IncidentPage>('list-incidents', {}, world);

  expect(incidents).toMatchObject([{ customerCount: 1, dataStoreCount: 1 }]);
  for (const field of ['impact', 'evidence', 'revision', 'dueAt']) expect(incidents[0]).not.toHaveProperty(field);
});

test('of a storm without end no more is read than of anything else, and it is said that there is more', async () => {
  const it = rotationWorld();
  let pages = 0;
  const rows = Array.from({ length: 100 }, (_, at) => anIncident({ incidentId: `i-${at}`, partOf: 'leader' }));
  it.control.page = async () => {
    pages += 1;
    if (pages > 500) throw new Error('It never ends.');
    return { rows, next: String(pages) } as never;
  };

  const { incidents, more } = await run<IncidentPage>('list-incidents', {}, it);

  expect({ incidents, more, pages }).toEqual({ incidents: [], more: true, pages: 101 });
});
