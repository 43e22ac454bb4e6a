import { keyAvailabilityChanged } from '../../../../events/key-availability-changed';
import { keySignalReceived } from '../../../../events/key-signal-received';
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import { pageIncident, pageOwed } from '../../../../shared/domain/availability/paging/page-oncall';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { NEVER } from '../../../../shared/domain/instants';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import {
  aCustomer,
  aDataStore,
  after,
  aKmsKey,
  anArn,
  aWatch,
  countedIds,
  NOW,
  silentLog,
} from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../../support/memory-pager';
import { scriptedKms } from '../../../support/scripted-kms';

const signal = keySignalReceived.read({
  factId: 'signal-1',
  at: NOW,
  kmsKeyArn: anArn(),
  signal: 'own-failure',
  observed: 'x',
  signalledAt: NOW,
});

/** A key that was lost, and its incident, which somebody was paged for or not. */
async function lost(isPaged = true) {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey());
  control.given('key-watch', aWatch());
  control.given('customer', aCustomer());
  control.given('data-store', aDataStore());
  const kms = scriptedKms();
  const time = { ms: 0 };
  const pager = memoryPager();
  const { pages } = pager;
  const pause = { wait: async () => undefined };
  const clock = { now: () => after(time.ms) };
  const ports = { control, ...kms, clock, ids: countedIds(), pause, log: silentLog, ...memoryPaging(pager) };
  kms.unwrapAnswers('kms.key-disabled');
  await assessKey(signal, ports);
  if (isPaged) for (const { incidentId } of control.all('incident')) await pageIncident(incidentId, ports);
  time.ms = 60_000;
  const key = (fields: Partial<KmsKey>) =>
    control.given('kms-key', aKmsKey({ revision: control.all('kms-key')[0]?.revision ?? 0, ...fields }));
  return { control, kms, ports, pages, time, key, watch: () => control.all('key-watch')[0] };
}

type World = Awaited<ReturnType<typeof lost>>;

const OUT_OF_USE: Partial<KmsKey>[] = [{ state: 'disabled' }, { state: 'retiring', quietSince: NOW }];
const LOOKS: [string, (ports: World['ports']) => Promise<unknown>][] = [
  ['a probe', probeKeys],
  ['an assessment', (ports) => assessKey(signal, ports)],
];

test.each(LOOKS.flatMap(([name, look]) => OUT_OF_USE.map((fields) => [name, fields, look] as const)))(
  'the incident of a key that we take out of use is closed by %s of a key that is %j',
  async (_name, fields, look) => {
    const { control, kms, ports, pages, key, watch } = await lost();
    const looks = kms.unwraps();
    key(fields);

    await look(ports);
    await look(ports);
    await pageOwed(ports);

    expect(kms.unwraps()).toBe(looks);
    expect(control.all('incident')).toMatchObject([{ state: 'closed', outOfUseAt: after(60_000) }]);
    expect(control.all('incident')[0]).not.toHaveProperty('recoveredAt');
    expect(watch()).toMatchObject({ availability: 'unknown', since: after(60_000), dueAt: NEVER });
    expect(watch()).not.toHaveProperty('openIncidentId');
    const changes = control.outbox.filter(({ detailType }) => detailType === keyAvailabilityChanged.detailType);
    expect(changes.map(({ detail }) => [detail['from'], detail['to']])).toEqual([
      ['available', 'unavailable'],
      ['unavailable', 'unknown'],
    ]);
    expect(pages.map(({ subject }) => subject)).toEqual([
      expect.stringMatching('disabled'),
      "Over: Acme Ltd's key was taken out of use by us",
    ]);
    expect(pages[1]?.body).toContain('did not come back');
  },
);

test('nobody is paged for it who was not', async () => {
  const { control, ports, pages, key } = await lost(false);
  key({ state: 'disabled' });

  await probeKeys(ports);
  await pageOwed(ports);

  expect(control.all('incident')).toMatchObject([{ state: 'closed' }]);
  expect(pages).toEqual([]);
});

test('the same loss is another incident once the key is back in use', async () => {
  const { control, ports, key, watch } = await lost();
  key({ state: 'disabled' });
  await probeKeys(ports);

  key({ state: 'retiring' });
  await assessKey(signal, ports);

  expect(control.all('incident').map(({ state }) => state)).toEqual(['closed', 'open']);
  expect(watch()).toMatchObject({ availability: 'unavailable', dueAt: after(60_000) });
});

const allow = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };
const POLICIES = {
  available: { Version: '2012-10-17', Statement: [allow] },
  'at-risk': { Version: '2012-10-17', Statement: [allow, { ...allow, Effect: 'Deny', Action: 'kms:Decrypt' }] },
};

test.each(['available', 'at-risk'] as const)('once the key is back in use it may be found %s', async (availability) => {
  const { kms, ports, key, watch } = await lost();
  key({ state: 'disabled' });
  await probeKeys(ports);

  key({ state: 'retiring' });
  kms.policyIs(POLICIES[availability]);
  kms.unwrapAnswers('ok');
  kms.keyStateIs('Enabled');
  await assessKey(signal, ports);

  expect(watch()).toMatchObject({ availability });
});

test('a risk is over as well once we take the key out of use', async () => {
  const { control, kms, ports, key, watch } = await lost();
  kms.policyIs(POLICIES['at-risk']);
  kms.unwrapAnswers('ok');
  kms.keyStateIs('Enabled');
  await assessKey(signal, ports);
  const before = watch();
  key({ state: 'disabled' });

  await probeKeys({ ...ports, clock: { now: () => after(3_600_000) } });

  expect([before, watch()]).toMatchObject([{ availability: 'at-risk' }, { availability: 'unknown' }]);
  expect(control.all('incident').every(({ state }) => state === 'closed')).toBe(true);
});

test('a key that we take out of use is no blind spot any more', async () => {
  const { control, kms, ports, key, watch } = await lost();
  kms.unwrapAnswers('kms.unreachable');
  await assessKey(signal, ports);
  expect(await control.due('blind-spot', after(3_600_000), 10)).toHaveLength(1);
  key({ state: 'disabled' });

  await probeKeys({ ...ports, clock: { now: () => after(3_600_000) } });

  expect(await control.due('blind-spot', after(3_600_000), 10)).toEqual([]);
  expect(watch()).not.toHaveProperty('cannotTellSince');
});

test('a key that is brought back at the same time is watched on', async () => {
  const { control, ports, key, watch } = await lost();
  key({ state: 'disabled' });
  const commit: typeof control.commit = async (change) => {
    const [now] = control.all('kms-key');
    if (now?.state === 'disabled')
      await control.commit({ writes: [{ entityType: 'kms-key', row: { ...now, state: 'retiring' } }], facts: [] });
    return control.commit(change);
  };

  await probeKeys({ ...ports, control: { ...control, commit } });

  expect(watch()).toMatchObject({ availability: 'unavailable', dueAt: NOW });
  expect(control.all('incident')).toMatchObject([{ state: 'open' }]);
});
