/** A key that comes and goes is one incident until it has been quiet: one page, and one that it is over. */
import { incidentClosed } from '../../../../events/incident-closed';
import { incidentOpened } from '../../../../events/incident-opened';
import { type KeySignalReceived, keySignalReceived } from '../../../../events/key-signal-received';
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import { nextLookAt } from '../../../../shared/domain/availability/next-look';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { incidentWorld } from '../../../support/incident-world';
import { aCustomer, after, aWatch, NOW } from '../../../support/make';

function world() {
  const it = incidentWorld();
  it.givenWatched();
  it.control.given('customer', aCustomer());
  return {
    ...it,
    pass: it.clock.advance,
    now: it.clock.now,
    disable() {
      it.kms.unwrapAnswers('kms.key-disabled');
      it.kms.keyStateIs('Disabled');
      return it.signal();
    },
    enable(signal: KeySignalReceived['signal'] = 'customer-event') {
      it.kms.unwrapAnswers('ok');
      it.kms.keyStateIs('Enabled');
      return it.signal({ signal });
    },
    /** Of each page whether it tells of a loss or of its end. */
    subjects: () => it.subjects().map((subject) => (subject.startsWith('Over') ? 'over' : 'opened')),
  };
}

/** What every second does to what is due. */
const seconds = (it: ReturnType<typeof world>, count: number) => it.runs(count, 1_000);

test('six times within 35 seconds are one incident, one page, and one that it is over', async () => {
  const it = world();
  for (let flap = 0; flap < 6; flap += 1) {
    await it.disable();
    await seconds(it, 3);
    await it.enable();
    await seconds(it, 3);
  }
  expect(it.watch()).toMatchObject({ availability: 'available' });
  await seconds(it, 299);

  expect(it.incidents()).toMatchObject([{ state: 'closed', returns: 6 }]);
  expect(it.subjects()).toEqual(['opened', 'over']);
  expect([it.count(incidentOpened.detailType), it.count(incidentClosed.detailType)]).toEqual([1, 1]);
  expect(it.watch()).not.toHaveProperty('openIncidentId');
});

test('a plain loss of less than five minutes is told to be over half a minute after its return', async () => {
  const it = world();
  await it.disable();
  await seconds(it, 60);
  await it.enable();
  const back = it.now();

  await seconds(it, 29);
  expect(it.incidents()).toMatchObject([{ state: 'recovering', recoveredAt: back }]);
  await seconds(it, 1);

  expect(it.incidents()).toMatchObject([{ state: 'closed', recoveredAt: back }]);
  expect(it.subjects()).toEqual(['opened', 'over']);
});

test('a return that a probe found is over at once: nobody told of it, and the probe comes a minute later', async () => {
  const it = world();
  await it.disable();
  await seconds(it, 60);
  await it.enable('probe');

  expect(it.incidents()).toMatchObject([{ state: 'closed', recoveredAt: it.now() }]);
});

test('a long loss is over at once', async () => {
  const it = world();
  await it.disable();
  await seconds(it, 301);

  await it.enable();
  await it.page();

  expect(it.incidents()).toMatchObject([{ state: 'closed', recoveredAt: it.now() }]);
  expect(it.watch()).not.toHaveProperty('openIncidentId');
  expect(it.subjects()).toEqual(['opened', 'over']);
});

test('after the second return it has to stay for five minutes, also where the loss before was long', async () => {
  const it = world();
  await it.disable();
  await it.enable();
  await it.disable();
  await seconds(it, 400);
  await it.enable();

  await seconds(it, 299);
  expect(it.incidents()).toMatchObject([{ state: 'recovering', returns: 2 }]);
  await seconds(it, 1);
  expect(it.incidents()).toMatchObject([{ state: 'closed' }]);
});

test('a key that is back only just is probed again soon, and one that was quiet at its usual pace', async () => {
  const it = world();
  await it.disable();
  await it.enable();
  await probeKeys(it.ports);
  expect(it.watch()?.dueAt).toBe(after(30_000));

  await seconds(it, 30);
  await probeKeys(it.ports);
  expect(it.watch()?.dueAt).toBe(nextLookAt(it.watch() ?? aWatch(), true, after(30_000)));
});

test('a key that is lost again before anybody was paged is paged once, at once', async () => {
  const it = world();
  await it.disable();
  await it.enable();
  await it.page();
  expect(it.pager.pages).toEqual([]);

  await it.disable();

  expect(it.count(incidentOpened.detailType)).toBe(2);
  await it.page();
  expect(it.incidents()).toMatchObject([{ state: 'open', returns: 1, pagedAt: NOW }]);
  expect(it.subjects()).toEqual(['opened']);
});

test('what came and went before anybody was paged pages nobody', async () => {
  const it = world();
  await it.disable();
  await it.enable();

  await seconds(it, 40);

  expect(it.incidents()).toMatchObject([{ state: 'closed' }]);
  expect(it.pager.pages).toEqual([]);
  expect(await it.control.due('incident', '9999-12-31T23:59:59.999Z', 10)).toEqual([]);
});

test('another cause after a return is noted in the same incident', async () => {
  const it = world();
  await it.disable();
  await seconds(it, 2);
  await it.enable();
  it.kms.unwrapAnswers('kms.key-pending-deletion');
  it.kms.keyStateIs('PendingDeletion', { deletionDate: '2026-12-01T00:00:00.000Z' });
  it.pass(1_000);

  await probeKeys(it.ports);
  await assessKey(keySignalReceived.read({ ...it.control.outbox.at(-1)?.detail }), it.ports);

  expect(it.incidents()).toMatchObject([{ state: 'open', cause: 'key-pending-deletion', lostAt: it.now() }]);
  expect(it.incidents()[0]).not.toHaveProperty('recoveredAt');
});

test('a loss that is found while the incident is closed finds it, or opens another: none is lost between them', async () => {
  for (const first of ['settle', 'disable'] as const) {
    const it = world();
    await it.disable();
    await it.page();
    await it.enable();
    it.pass(30_000);

    await Promise.all(first === 'settle' ? [it.settle(), it.disable()] : [it.disable(), it.settle()]);

    const open = it.incidents().filter(({ state }) => state === 'open');
    expect(open).toHaveLength(1);
    expect(it.watch()).toMatchObject({ availability: 'unavailable', openIncidentId: open[0]?.incidentId });
  }
});
