import type { KeyIncident } from '../../../../../shared/domain/availability/incidents/incident';
import { COUNTDOWN_MS } from '../../../../../shared/domain/availability/paging/deletion-countdown';
import { dueWhileOwed } from '../../../../../shared/domain/availability/paging/owed-page';
import { pageIncident, pageOwed } from '../../../../../shared/domain/availability/paging/page-oncall';
import { NEVER } from '../../../../../shared/domain/instants';
import { incidentWorld } from '../../../../support/incident-world';
import { anIncident, after as inMs, NOW } from '../../../../support/make';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ID = 'incident-1';

/** A key that is deleted in ten days, and was found so at noon. */
function world(fields: Partial<KeyIncident> = {}) {
  const it = incidentWorld();
  const { pagedAt: _not, ...open } = anIncident({
    cause: 'key-pending-deletion',
    recoverableUntil: inMs(10 * DAY_MS),
    dueAt: NOW,
    revision: 1,
  });
  it.control.given('incident', { ...open, ...fields });
  return {
    ...it,
    change(more: Partial<KeyIncident>) {
      const [before] = it.incidents();
      if (before) it.control.given('incident', dueWhileOwed({ ...before, ...more }, it.clock.now()));
    },
  };
}

test('after its page on-call is told once a step, by the same incident, until the key is deleted', async () => {
  const it = world();
  await pageIncident(ID, it.ports);

  await it.runs(10 * 24 * 4, 15 * MINUTE_MS);

  expect(it.subjects().slice(1)).toEqual([
    "7 d until Acme Ltd's key is deleted: 1 data store lost for good",
    "3 d until Acme Ltd's key is deleted: 1 data store lost for good",
    "1 d until Acme Ltd's key is deleted: 1 data store lost for good",
    "6 h until Acme Ltd's key is deleted: 1 data store lost for good",
    "1 h until Acme Ltd's key is deleted: 1 data store lost for good",
  ]);
  expect(new Set(it.pager.pages.map(({ incidentId }) => incidentId))).toEqual(new Set([ID]));
  expect(it.control.outbox.map(({ detail }) => detail['about'])).toEqual([
    'opened',
    ...COUNTDOWN_MS.map(() => 'deadline'),
  ]);
  expect(it.pager.pages[1]?.body).toMatch(/^7 d until .* can be given back until 2026-12-04 12:00:00 UTC\.\n/);
  expect(await it.control.due('incident', inMs(365 * DAY_MS), 10)).toEqual([]);
  expect((await it.control.page('incident', { limit: 10 })).rows).toHaveLength(1);
});

test('it waits in the index until the next step, and costs nothing before', async () => {
  const it = world();
  await pageIncident(ID, it.ports);

  expect(await it.control.due('incident', inMs(3 * DAY_MS - 1), 10)).toEqual([]);
  expect(await it.control.due('incident', inMs(3 * DAY_MS), 10)).toHaveLength(1);
});

test('steps from before the page are in the page', async () => {
  const it = world({ recoverableUntil: inMs(2 * DAY_MS) });
  await pageIncident(ID, it.ports);

  await it.runs(24, HOUR_MS);

  expect(it.subjects().slice(1)).toEqual(["1 d until Acme Ltd's key is deleted: 1 data store lost for good"]);
});

test('of steps that nobody could be told of while nothing went out, one word tells the last', async () => {
  const it = world();
  await pageIncident(ID, it.ports);

  it.clock.advance(9 * DAY_MS + 20 * HOUR_MS);
  await it.runs(3, MINUTE_MS);

  expect(it.subjects().slice(1)).toEqual(["3 h 59 min until Acme Ltd's key is deleted: 1 data store lost for good"]);
});

test('a word that no channel takes is sent again until one does, and then no more', async () => {
  const it = world();
  await pageIncident(ID, it.ports);
  it.clock.advance(3 * DAY_MS);
  it.pager.fail(2);

  await it.runs(5, MINUTE_MS);

  expect(it.subjects()).toHaveLength(2);
});

test('a key that comes back is told at once, and the countdown ends', async () => {
  const it = world();
  await pageIncident(ID, it.ports);
  it.clock.advance(DAY_MS);
  it.change({ state: 'closed', recoveredAt: it.clock.now() });

  await it.runs(1, MINUTE_MS);
  expect(it.subjects()).toHaveLength(2);
  await it.runs(10, DAY_MS);

  expect(it.subjects().slice(1)).toEqual([expect.stringMatching(/^Over: /)]);
});

test('a deletion that is called off and asked for again counts down to its new date', async () => {
  const it = world();
  await pageIncident(ID, it.ports);
  it.clock.advance(3 * DAY_MS);
  await pageOwed(it.ports);
  it.change({ cause: 'key-disabled', recoverableUntil: undefined } as never);
  await it.runs(5, DAY_MS);
  expect(it.subjects()).toHaveLength(2);

  it.change({ cause: 'key-pending-deletion', recoverableUntil: inMs(7 * DAY_MS + 60_000, it.clock.now()) });
  await it.runs(2, MINUTE_MS);

  expect(it.subjects().at(-1)).toMatch(/^7 d until/);
  expect(it.subjects()).toHaveLength(3);
});

test.each([
  ['nothing depends on', { impact: { customerCount: 0, dataStoreCount: 0, customers: [], dataStores: [] } }],
  ['is only disabled', { cause: 'key-disabled' }],
] as const)('nobody counts down for a key that %s', async (_, fields) => {
  const it = world(fields as Partial<KeyIncident>);
  await pageIncident(ID, it.ports);

  expect((await it.control.page('incident', { limit: 10 })).rows).toMatchObject([{ dueAt: NEVER }]);
});
