/** Many keys of one owner that are lost by one cause are one incident with a list: one page, one that it is a storm, one that it is over. */
import { incidentOpened } from '../../../../../events/incident-opened';
import { keySignalReceived } from '../../../../../events/key-signal-received';
import type { IncidentPage } from '../../../../../shared/domain/api/list-incidents';
import { assessKey } from '../../../../../shared/domain/availability/assess-key';
import { pageOwed } from '../../../../../shared/domain/availability/paging/page-oncall';
import { gatherStorm, settleIncidents, settleKey } from '../../../../../shared/domain/availability/settle-incidents';
import { KeywrightError } from '../../../../../shared/domain/errors';
import type { KmsKey } from '../../../../../shared/domain/keys/kms-key';
import { run } from '../../../../support/incident-world';
import {
  aCustomer,
  aDataStore,
  after,
  aKmsKey,
  anArn,
  aWatch,
  countedIds,
  NOW,
  ofKeys,
  silentLog,
} from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../../../support/memory-pager';
import { rotationWorld } from '../../../../support/rotation-world';
import { scriptedKms } from '../../../../support/scripted-kms';

const THEIRS: Partial<KmsKey> = { option: 'customer-managed' };

function world() {
  const control = memoryControlStore();
  control.given('customer', aCustomer(), aCustomer({ customerId: 'globex', name: 'Globex' }));
  const kms = scriptedKms();
  const away = new Set<string>();
  const { unwrap } = kms.crypto;
  const crypto: typeof kms.crypto = {
    ...kms.crypto,
    async unwrap(key, ...rest) {
      // Whoever looks at the same time reads the same rows.
      await Promise.resolve();
      if (away.has(key.kmsKeyArn)) throw new KeywrightError('kms.key-disabled', 'KMS says so.');
      return unwrap(key, ...rest);
    },
  };
  const pager = memoryPager();
  let now = NOW;
  const clock = { now: () => now };
  const pause = { wait: async () => undefined };
  const ports = { control, ...kms, crypto, ...memoryPaging(pager), clock, ids: countedIds(), pause, log: silentLog };
  const signal = (kmsKeyArn: string) => {
    const fields = { factId: 's', at: now, signal: 'customer-event', observed: 'x', signalledAt: now } as const;
    return assessKey(keySignalReceived.read({ ...fields, kmsKeyArn }), ports);
  };
  return {
    control,
    pager,
    ports,
    keys(count: number, fields: Partial<KmsKey> = THEIRS, name = 'k'): readonly string[] {
      return Array.from({ length: count }, (_, at) => {
        const kmsKeyArn = anArn(`${name}${at}`);
        control.given('kms-key', aKmsKey({ ...fields, kmsKeyArn }));
        control.given('key-watch', aWatch({ kmsKeyArn }));
        control.given('data-store', aDataStore({ kmsKeyArn, dataStoreId: kmsKeyArn }));
        return kmsKeyArn;
      });
    },
    pass: (ms: number) => {
      now = after(ms, now);
    },
    async disable(arns: readonly string[]) {
      for (const arn of arns) away.add(arn);
      await Promise.all(arns.map(signal));
    },
    async enable(arns: readonly string[]) {
      for (const arn of arns) away.delete(arn);
      await Promise.all(arns.map(signal));
    },
    settle: () => settleIncidents(ports),
    page: () => pageOwed(ports),
    incidents: () => ofKeys(control.all('incident')),
    leaders: () => ofKeys(control.all('incident')).filter(({ partOf }) => partOf === undefined),
    open: () => control.all('incident').filter(({ state }) => state !== 'closed'),
    subjects: () => pager.pages.map(({ subject }) => subject),
  };
}

/** So many minutes, in which what runs every minute does. */
async function minutes(it: ReturnType<typeof world>, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    it.pass(60_000);
    await it.settle();
    await it.page();
  }
}

test('fifty at once are one page, one more that it is a storm, and one once all are over; each has a row of its own', async () => {
  const it = world();
  const arns = it.keys(50);

  await it.disable(arns);
  await it.page();
  expect(it.incidents()).toHaveLength(50);
  expect(it.leaders()).toHaveLength(1);
  expect(it.subjects()).toEqual([expect.stringMatching(/^Acme Ltd's key was disabled/)]);
  it.pass(30_000);
  await gatherStorm(it.leaders()[0]?.incidentId ?? '', it.ports);
  await it.page();
  expect(it.subjects()).toEqual([expect.anything(), expect.stringMatching(/^50 keys: Acme Ltd's key was disabled/)]);
  const named = arns.filter((arn) => it.pager.pages.some(({ body }) => body.includes(arn)));
  expect(named).toHaveLength(50);

  await minutes(it, 8);
  await it.enable(arns.slice(0, 49));
  await minutes(it, 3);
  expect(it.subjects()).toHaveLength(2);
  await it.enable(arns.slice(49));
  await minutes(it, 2);

  expect(it.open()).toEqual([]);
  expect(it.subjects().slice(2)).toEqual([expect.stringMatching(/^Over: Acme Ltd's key is available again/)]);
  expect(it.control.outbox.filter(({ detailType }) => detailType === incidentOpened.detailType)).toHaveLength(50);
});

test('whose key was the first to come back, the storm is over with the last', async () => {
  const it = world();
  const arns = it.keys(3);
  await it.disable(arns);
  await it.page();
  await minutes(it, 6);
  const [leader] = it.leaders();
  const first = leader?.kmsKeyArn ?? '';

  await it.enable([first]);
  await settleKey(first, it.ports);
  await minutes(it, 3);
  expect(it.incidents().find(({ kmsKeyArn }) => kmsKeyArn === first)).toMatchObject({ state: 'recovering' });
  expect(it.subjects().some((subject) => subject.startsWith('Over'))).toBe(false);

  await it.enable(arns.filter((arn) => arn !== first));
  await minutes(it, 2);
  expect(it.open()).toEqual([]);
  expect(it.subjects().filter((subject) => subject.startsWith('Over'))).toHaveLength(1);
});

test('it is told once more when it is ten times as large, and never again', async () => {
  const it = world();
  const arns = it.keys(60);
  await it.disable(arns.slice(0, 1));
  await it.page();
  await it.disable(arns.slice(1, 3));
  await minutes(it, 1);
  await it.disable(arns.slice(3, 20));
  await minutes(it, 1);
  expect(it.subjects()).toHaveLength(2);
  await it.disable(arns.slice(20, 21));
  await minutes(it, 1);
  await it.disable(arns.slice(21));
  await minutes(it, 3);

  expect(it.subjects().map((subject) => subject.split(':')[0])).toEqual([
    expect.stringContaining('Acme'),
    '3 keys',
    '21 keys',
  ]);
  expect(it.leaders()).toMatchObject([{ members: { count: 59, pagedCounts: [2, 20] } }]);
});

test('another customer, another cause and what opens more than ten minutes later are storms of their own', async () => {
  const it = world();
  const [first = '', second = ''] = it.keys(2);
  const others = it.keys(2, { ...THEIRS, customerId: 'globex' }, 'g');
  const ours = it.keys(2, { option: 'customer-specific' }, 'o');
  await it.disable([first, ...others, ...ours]);
  await minutes(it, 11);
  await it.disable([second]);

  expect(it.leaders().map(({ groupId }) => groupId)).toEqual([
    'customer/acme/key-disabled',
    'customer/globex/key-disabled',
    'provider/eu-central-1/key-disabled',
    'customer/acme/key-disabled',
  ]);
});

test('each that joins keeps it open for ten minutes more', async () => {
  const it = world();
  const arns = it.keys(4);
  for (const arn of arns) {
    await it.disable([arn]);
    await minutes(it, 9);
  }
  expect(it.leaders()).toHaveLength(1);
});

test('what is left of a storm whose leader was over too soon is paged, once, and led by one of them', async () => {
  const it = world();
  const arns = it.keys(4);
  await it.disable(arns);
  await it.page();
  const [leader] = it.leaders();
  // It was over in the moment in which they joined.
  const { dueAt: _, ...over } = { ...leader, state: 'closed', recoveredAt: NOW, recoveryPagedAt: NOW } as never as {
    dueAt?: string;
  };
  it.control.given('incident', over as never);

  await minutes(it, 2);

  const left = it.incidents().filter(({ state }) => state === 'open');
  expect(left.filter(({ partOf }) => partOf === undefined)).toHaveLength(1);
  expect(left).toHaveLength(3);
  expect(it.subjects()).toHaveLength(3);
  expect(it.subjects()[2]).toMatch(/^3 keys/);
});

test('the list shows it as one, with the count, and the key’s own incident to whoever names the key', async () => {
  const it = world();
  const arns = it.keys(5);
  await it.disable(arns);
  await minutes(it, 1);
  const asked = { ...rotationWorld(), control: it.control };
  const world2 = { ...asked, ports: { ...asked.ports, control: it.control } } as never;

  const all = await run<IncidentPage>('list-incidents', {}, world2);
  const part = it.incidents().find(({ partOf }) => partOf !== undefined);
  const one = await run<IncidentPage>('list-incidents', { key: part?.kmsKeyArn }, world2);

  expect(all.incidents).toMatchObject([{ kind: 'key', memberCount: 4 }]);
  expect(one.incidents).toMatchObject([{ incidentId: part?.incidentId, partOf: part?.partOf }]);
});
