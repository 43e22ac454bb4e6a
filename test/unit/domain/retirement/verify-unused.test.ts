/** Proofs of retirement that take more than one part. */
import { deletionDue } from '../../../../events/deletion-due';
import { retirementDue } from '../../../../events/retirement-due';
import { shownRetirement } from '../../../../shared/domain/api/retirement-outlook';
import { declareCompromise } from '../../../../shared/domain/compromise/declare-compromise';
import { SHARDS } from '../../../../shared/domain/keys/data-key';
import { moveDataStores } from '../../../../shared/domain/keys/move-data-stores';
import type { ControlStore } from '../../../../shared/domain/ports';
import { deleteKey } from '../../../../shared/domain/retirement/delete-key';
import { advanceRetirement, reconcileRetirements, retireKey } from '../../../../shared/domain/retirement/retire-key';
import { undoRetirement } from '../../../../shared/domain/retirement/undo-retirement';
import { aCustomer, aDataStore, anArn, NOW } from '../../../support/make';
import { ALICE, OLD, retirementWorld } from '../../../support/retirement-world';
import { rotationWorld } from '../../../support/rotation-world';
import { settle } from '../../../support/settle';
import { vastTable } from '../../../support/vast-table';

/** One segment takes three parts. */
const EMPTY_PAGES = 1_200;
const MINUTE_MS = 60_000;

/** The key is its customer's, whose only data store is in one segment. */
function vastWorld(terms: Parameters<typeof retirementWorld>[0] = {}) {
  const world = retirementWorld(terms);
  world.control.given('customer', aCustomer({ dataStores: 1, revision: 1 }));
  const dataKeys = vastTable(world.dataKeys, EMPTY_PAGES);
  Object.assign(world.ports, { dataKeys });

  /** The parts that were asked for since the last time. */
  let seen = 0;
  const asked = (contract: typeof retirementDue | typeof deletionDue = retirementDue) => {
    const facts = world.control.outbox.slice(seen).filter(({ detailType }) => detailType === contract.detailType);
    seen = world.control.outbox.length;
    return facts.map(({ detail }) => contract.read(detail));
  };
  const goOn = async () => {
    let parts = 0;
    for (let due = asked(); due.length > 0; due = asked()) {
      for (const part of due) await advanceRetirement(part, world.ports);
      parts += due.length;
    }
    return parts;
  };
  return { ...world, pagesRead: dataKeys.pagesRead, asked, goOn };
}

/** Certified as safe to delete: two people may decide. */
async function vastAndDeletable() {
  const world = vastWorld({ disabledDays: 0 });
  await world.ended();
  await world.goOn();
  for (let day = 0; day < 3; day += 1) {
    await world.pass(1);
    await world.goOn();
  }
  return world;
}

test('a proof that one run cannot finish goes on part by part, and then the key is disabled', async () => {
  const world = vastWorld();

  expect(await world.ended()).toBe('waiting');
  expect(await world.row()).toMatchObject({ stage: 'watching', scanCursor: { part: 1 } });
  expect(world.kms.stateOf(OLD)).toBe('Enabled');
  await world.goOn();

  expect(world.kms.stateOf(OLD)).toBe('Disabled');
  expect(await world.row()).toMatchObject({ stage: 'disabled' });
  expect(await world.row()).not.toHaveProperty('scanCursor');
  // Before it is disabled, and after: each time every page once.
  expect(world.pagesRead()).toBe(2 * (EMPTY_PAGES + 1));
});

test('of a key that customers share every segment of the table is read, part by part', async () => {
  const world = vastWorld();
  const key = await world.key();
  if (!key) throw new Error('there is no key');
  const { customerId: _nobodys, ...shared } = key;
  world.control.given('kms-key', { ...shared, option: 'managed' });

  await world.ended();
  await world.goOn();

  expect(world.kms.stateOf(OLD)).toBe('Disabled');
  expect(world.pagesRead()).toBe(2 * SHARDS * (EMPTY_PAGES + 1));
  expect((await world.row()).certificate?.note).toContain('"found":0,"source":"data-stores-by-count"');
});

test('an event that comes again begins no part twice', async () => {
  const world = vastWorld();
  await world.ended();
  const [first] = world.asked();
  if (!first) throw new Error('no part was asked for');

  await Promise.all([1, 2, 3].map(() => advanceRetirement(first, world.ports)));
  const again = world.asked();
  expect(again).toEqual([expect.objectContaining({ part: 2 })]);
  expect(await advanceRetirement(first, world.ports)).toBe('not-due');
  expect(world.asked()).toEqual([]);
});

test('the end of a job that comes again leaves a proof that is under way alone', async () => {
  const world = vastWorld();
  await world.ended();
  const row = await world.row();

  expect(await world.ended()).toBe('not-due');

  expect(await world.row()).toEqual(row);
});

test('where the event of a part was lost, the schedule makes it, from where the proof was', async () => {
  const world = vastWorld();
  await world.ended();
  world.asked();
  await reconcileRetirements(world.ports);
  expect(await world.row()).toMatchObject({ scanCursor: { part: 1 } });

  world.clock.advance(11 * MINUTE_MS);
  await reconcileRetirements(world.ports);

  expect(await world.row()).toMatchObject({ scanCursor: { part: 2 } });
  expect(world.pagesRead()).toBeLessThanOrEqual(1_000);
});

test('a data key in the last part keeps the key in use', async () => {
  const world = vastWorld();
  await world.ended();
  await world.dataKeyTurnsUp();

  await world.goOn();

  expect(world.kms.stateOf(OLD)).toBe('Enabled');
  expect(await world.row()).toMatchObject({ stage: 'watching', reason: 'still needed: 1 data keys' });
  expect(await world.row()).not.toHaveProperty('scanCursor');
});

test('a key whose data stores nobody counted is kept, and goes on to be replaced', async () => {
  const world = rotationWorld();
  const uncounted = { ...world.control, find: hiding('data-store-count', world.control.find) };
  world.givenKey({ state: 'retiring', replacedBy: anArn('new') });
  const ports = { ...world.ports, control: uncounted };

  await expect(retireKey({ kmsKeyArn: anArn(), toKmsKeyArn: anArn('new'), at: NOW }, ports)).rejects.toMatchObject({
    code: 'state.forbids',
    message: expect.stringMatching(/not counted.*Keep it/),
  });
  expect(await moveDataStores({ kmsKeyArn: anArn(), toKmsKeyArn: anArn('new') }, ports)).toBe(1);
});

function hiding(hidden: string, find: ControlStore['find']): ControlStore['find'] {
  return async (entityType, id) => (entityType === hidden ? undefined : find(entityType, id));
}

test('what is found ends a proof at once', async () => {
  const world = vastWorld();
  world.control.given('data-store', aDataStore({ kmsKeyArn: OLD, revision: 3 }));

  expect(await world.ended()).toBe('refused');

  expect(world.pagesRead()).toBeLessThanOrEqual(500);
});

test('a person who holds it ends the proof that is under way: its next part does nothing', async () => {
  const world = vastWorld();
  await world.ended();
  const [next] = world.asked();
  if (!next) throw new Error('no part was asked for');
  await undoRetirement({ kmsKeyArn: OLD, step: 'disable', reason: 'wait', by: ALICE }, world.ports);

  expect(await advanceRetirement(next, world.ports)).toBe('not-due');
  world.clock.advance(11 * MINUTE_MS);
  await reconcileRetirements(world.ports);

  expect(world.kms.stateOf(OLD)).toBe('Enabled');
});

test('people see how far the verification is', async () => {
  const world = vastWorld();
  await world.ended();

  const { waitsFor } = await shownRetirement(await world.row(), world.ports);

  expect(waitsFor).toMatch(/^a scan that reads every data key: \d of 8 parts are read$/);
});

test('an approved deletion is verified part by part before KMS is asked, and after', async () => {
  const world = await vastAndDeletable();
  expect(await world.row()).toMatchObject({ stage: 'deletable' });
  await world.request('schedule-deletion');
  await world.approve('schedule-deletion');
  const [approved] = world.asked(deletionDue);
  if (!approved) throw new Error('no deletion was asked for');
  const before = world.pagesRead();

  expect(await deleteKey(approved, world.ports)).toBe('waiting');
  expect(await deleteKey(approved, world.ports)).toBe('not-due');
  expect(world.kms.stateOf(OLD)).toBe('Disabled');
  for (let due = world.asked(deletionDue); due.length > 0; due = world.asked(deletionDue))
    for (const part of due) await deleteKey(part, world.ports);

  expect(world.kms.stateOf(OLD)).toBe('PendingDeletion');
  expect(await world.row()).toMatchObject({ stage: 'deletion-scheduled' });
  expect(world.pagesRead() - before).toBe(2 * (EMPTY_PAGES + 1));

  const row = await world.row();
  const parts = world.control.outbox.filter(({ detailType }) => detailType === deletionDue.detailType);
  for (const { detail } of parts) await deleteKey(deletionDue.read(detail), world.ports);
  expect(await world.row()).toEqual(row);
});

test('where the part of a deletion was lost it is asked for again, from where the proof was', async () => {
  const world = await vastAndDeletable();
  await world.request('schedule-deletion');
  await world.approve('schedule-deletion');
  await deleteKey({ kmsKeyArn: OLD }, world.ports);
  world.asked();

  world.clock.advance(11 * MINUTE_MS);
  await reconcileRetirements(world.ports);

  expect(world.asked(deletionDue)).toEqual([expect.objectContaining({ part: 1 })]);
  expect(await world.row()).toMatchObject({ scanCursor: { part: 1 } });
});

test('a compromise is over when every part has found nothing', async () => {
  const world = rotationWorld();
  world.control.given('customer', aCustomer({ dataStores: 1, revision: 1 }));
  world.givenKey();
  await world.givenDataKey('first');
  const dataKeys = vastTable(world.dataKeys, EMPTY_PAGES);
  Object.assign(world.ports, { dataKeys });

  await declareCompromise({ kmsKeyArn: anArn(), reason: 'A laptop was stolen.', by: ALICE }, world.ports);
  await settle(world);

  const [compromise] = world.control.all('compromise');
  expect(compromise).toMatchObject({ state: 'ended', containedAt: NOW });
  expect(compromise).not.toHaveProperty('scanCursor');
  expect(dataKeys.pagesRead()).toBeGreaterThan(EMPTY_PAGES);
});
