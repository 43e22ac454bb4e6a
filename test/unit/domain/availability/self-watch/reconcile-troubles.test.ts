import { incidentClosed } from '../../../../../events/incident-closed';
import { incidentOpened } from '../../../../../events/incident-opened';
import { pageOwed } from '../../../../../shared/domain/availability/paging/page-oncall';
import { reconcileTroubles } from '../../../../../shared/domain/availability/self-watch/reconcile-troubles';
import type { FoundTrouble } from '../../../../../shared/domain/availability/self-watch/trouble-watch';
import { after, anArn, countedIds, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../../../support/memory-pager';

const OUTAGE: FoundTrouble = {
  trouble: 'kms-outage',
  subject: 'eu-central-1',
  evidence: 'KMS does not answer',
  since: NOW,
  kmsKeyArns: [anArn('one')],
  keyCount: 1,
};

function world() {
  const control = memoryControlStore();
  const pager = memoryPager();
  let now = NOW;
  const ports = { ...memoryPaging(pager), control, clock: { now: () => now }, ids: countedIds(), log: silentLog };
  return {
    control,
    pager,
    ports,
    incidents: () => control.all('incident'),
    count: (detailType: string) => control.outbox.filter((fact) => fact.detailType === detailType).length,
    round: (found: readonly FoundTrouble[], fields = {}) =>
      reconcileTroubles({ speaksFor: ['kms-outage', 'throttled'], found, isWhole: true, ...fields }, ports),
    pass: (ms: number) => {
      now = after(ms, now);
    },
  };
}

test('a trouble opens one incident however often it is found, and by however many at once', async () => {
  const it = world();

  await Promise.all([it.round([OUTAGE]), it.round([OUTAGE])]);
  await it.round([OUTAGE]);

  expect(it.incidents()).toMatchObject([
    { kind: 'operator', trouble: 'kms-outage', subject: 'eu-central-1', state: 'open', signalledAt: NOW, dueAt: NOW },
  ]);
  expect(it.count(incidentOpened.detailType)).toBe(1);
});

test('it is over once it was not found for five minutes: one that comes and goes is one incident and one page', async () => {
  const it = world();
  await it.round([OUTAGE]);
  await pageOwed(it.ports);

  for (let minute = 1; minute <= 8; minute += 1) {
    it.pass(60_000);
    await it.round(minute % 4 === 0 ? [OUTAGE] : []);
  }
  expect(it.incidents()).toMatchObject([{ state: 'open' }]);
  for (let minute = 1; minute <= 6; minute += 1) {
    it.pass(60_000);
    await it.round([]);
    await pageOwed(it.ports);
  }

  expect(it.incidents()).toMatchObject([{ state: 'closed', recoveredAt: after(9 * 60_000) }]);
  expect(it.count(incidentClosed.detailType)).toBe(1);
  expect(it.pager.pages.map(({ subject }) => subject.startsWith('Over'))).toEqual([false, true]);
});

test('what comes back after it was over is another incident', async () => {
  const it = world();
  await it.round([OUTAGE]);
  for (const _ of [0, 1]) {
    await it.round([]);
    it.pass(300_000);
  }
  await it.round([]);

  await it.round([OUTAGE]);

  expect(it.incidents().map(({ state }) => state)).toEqual(['closed', 'open']);
});

test('what a finder could not find out, or does not speak for, is not over', async () => {
  const it = world();
  await it.round([OUTAGE]);

  for (const fields of [{ isWhole: false }, { speaksFor: ['throttled'] }]) {
    for (let minute = 0; minute < 12; minute += 1) {
      it.pass(60_000);
      await it.round([], fields);
    }
  }

  expect(it.incidents()).toMatchObject([{ state: 'open' }]);
});

test('keys that it reaches later are noted in the same incident, and page nobody again', async () => {
  const it = world();
  await it.round([OUTAGE]);
  await pageOwed(it.ports);
  const { revision } = it.incidents()[0] ?? {};

  await it.round([OUTAGE]);
  expect(it.incidents()[0]?.revision).toBe(revision);
  await it.round([{ ...OUTAGE, kmsKeyArns: [anArn('one'), anArn('two')], keyCount: 2 }]);
  await pageOwed(it.ports);

  expect(it.incidents()).toMatchObject([{ keyCount: 2, kmsKeyArns: [anArn('one'), anArn('two')] }]);
  expect(it.pager.pages).toHaveLength(1);
});
