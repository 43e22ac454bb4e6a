/** Many keys of one owner that are lost by one cause are one incident with a list: one page, one that it is a storm, one that it is over. */
import { incidentOpened } from '../../../../../events/incident-opened';
import type { IncidentPage } from '../../../../../shared/domain/api/list-incidents';
import { owedSince } from '../../../../../shared/domain/availability/paging/owed-page';
import { gatherStorm, settleKey } from '../../../../../shared/domain/availability/settle-incidents';
import { KeywrightError } from '../../../../../shared/domain/errors';
import type { KmsKey } from '../../../../../shared/domain/keys/kms-key';
import { incidentWorld, run } from '../../../../support/incident-world';
import { aCustomer, after, aKmsKey, anArn, aWatch, NOW } from '../../../../support/make';
import { rotationWorld } from '../../../../support/rotation-world';
import { scriptedByKey } from '../../../../support/scripted-kms';

const DAY_MS = 86_400_000;

const THEIRS: Partial<KmsKey> = { option: 'customer-managed' };

function world() {
  /** Until when each can be given back, where it is to be deleted. */
  const away = new Map<string, string | undefined>();
  const kms = scriptedByKey({
    unwrap(arn) {
      const code = away.get(arn) === undefined ? 'kms.key-disabled' : 'kms.key-pending-deletion';
      if (away.has(arn)) throw new KeywrightError(code, 'KMS says so.');
    },
    describe(arn) {
      const deletionDate = away.get(arn);
      if (deletionDate !== undefined) return { keyState: 'PendingDeletion', deletionDate };
      return { keyState: away.has(arn) ? 'Disabled' : 'Enabled' };
    },
  });
  const it = incidentWorld(kms);
  it.control.given('customer', aCustomer(), aCustomer({ customerId: 'globex', name: 'Globex' }));
  const signalAll = (arns: readonly string[]) => Promise.all(arns.map((kmsKeyArn) => it.signal({ kmsKeyArn })));
  return {
    ...it,
    keys: (count: number, fields: Partial<KmsKey> = THEIRS, name = 'k'): readonly string[] =>
      Array.from({ length: count }, (_, at) => it.givenWatched({ ...fields, kmsKeyArn: anArn(`${name}${at}`) })),
    pass: it.clock.advance,
    async disable(arns: readonly string[]) {
      for (const arn of arns) away.set(arn, undefined);
      await signalAll(arns);
    },
    async scheduleDeletion(arns: readonly string[], inDays: number) {
      for (const arn of arns) away.set(arn, after(inDays * DAY_MS, it.clock.now()));
      await signalAll(arns);
    },
    async enable(arns: readonly string[]) {
      for (const arn of arns) away.delete(arn);
      await signalAll(arns);
    },
    leaders: () => it.incidents().filter(({ partOf }) => partOf === undefined),
    open: () => it.control.all('incident').filter(({ state }) => state !== 'closed'),
  };
}

/** So many minutes, in which what runs every minute does. */
const minutes = (it: ReturnType<typeof world>, count: number) => it.runs(count, 60_000);

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

/** A key of theirs that no data store names: its loss weighs less. */
function unusedKey(it: ReturnType<typeof world>): string {
  const kmsKeyArn = anArn('unused');
  it.control.given('kms-key', aKmsKey({ ...THEIRS, kmsKeyArn }));
  it.control.given('key-watch', aWatch({ kmsKeyArn }));
  return kmsKeyArn;
}

const pagedKeys = (it: ReturnType<typeof world>) =>
  it.pager.pages.filter(({ about }) => about === 'opened').map(({ details }) => details['kmsKeyArn']);

test('what weighs more than the one that leads is paged by itself, and those after it are part of it', async () => {
  const it = world();
  const arns = it.keys(3);
  const unused = unusedKey(it);
  await it.disable([unused]);
  await it.page();
  await it.disable(arns.slice(0, 1));
  await it.disable(arns.slice(1));
  await it.page();

  expect(pagedKeys(it)).toEqual([unused, arns[0]]);
  expect(it.pager.pages.map(({ severity }) => severity)).toEqual(['warning', 'critical']);
});

test('a key that is lost once another is back, and before that is told to be over, is paged by itself', async () => {
  const it = world();
  const [first = '', second = ''] = it.keys(2);
  await it.disable([first]);
  await it.page();
  await it.enable([first]);
  await it.disable([second]);
  await it.page();

  expect(pagedKeys(it)).toEqual([first, second]);
});

test('a leader that came back before anybody was paged for it leads nobody: the next one is paged', async () => {
  const it = world();
  const [first = '', second = ''] = it.keys(2);
  await it.disable([first]);
  await it.disable([second]);
  await it.enable([first]);
  await minutes(it, 2);

  expect(pagedKeys(it)).toEqual([second]);
  expect(it.incidents().filter(({ state }) => state === 'open')).toMatchObject([{ kmsKeyArn: second }]);
});

test('a leader that is back before the storm was told: on-call is told of those that are not', async () => {
  const it = world();
  const [first = '', second = ''] = it.keys(2);
  await it.disable([first]);
  await it.page();
  await it.disable([second]);
  await it.enable([first]);
  await minutes(it, 1);

  expect(it.subjects()).toEqual([expect.anything(), expect.stringMatching(/^2 keys/)]);
  expect(it.pager.pages[1]?.body).toContain(second);
});

test('a storm that came and went whole before it was told is told to be over, and no more', async () => {
  const it = world();
  const arns = it.keys(3);
  await it.disable(arns);
  await it.page();
  await it.enable(arns);
  await minutes(it, 7);

  expect(it.subjects()).toEqual([expect.anything(), expect.stringMatching(/^Over/)]);
});

test('one of many that is to be deleted besides is paged by itself, and counted down', async () => {
  const it = world();
  const [first = '', second = '', third = ''] = it.keys(3);
  await it.disable([first, second, third]);
  await it.page();
  await it.scheduleDeletion([second, third], 7);
  await it.page();
  expect(pagedKeys(it)).toEqual([first, second]);

  it.pass(4 * DAY_MS);
  await it.page();
  expect(it.subjects().at(-1)).toMatch(/^3 d until Acme Ltd's key is deleted/);
});

test('disabled and scheduled for deletion one after the other, they are one page', async () => {
  const it = world();
  const arns = it.keys(5);
  for (const arn of arns) {
    await it.disable([arn]);
    await it.page();
    await it.scheduleDeletion([arn], 7);
    await it.page();
    it.pass(1_000);
  }
  expect(pagedKeys(it)).toEqual([arns[0]]);
});

test('whose deletion is nearer than the one that its leader counts down to is paged by itself', async () => {
  const it = world();
  const [first = '', second = ''] = it.keys(2);
  await it.scheduleDeletion([first], 30);
  await it.scheduleDeletion([second], 7);
  await it.page();

  expect(pagedKeys(it)).toEqual([first, second]);
});

test('of whose leader the deletion was called off, one that is still to be deleted is paged', async () => {
  const it = world();
  const [first = '', second = ''] = it.keys(2);
  await it.scheduleDeletion([first, second], 7);
  await it.page();
  await it.disable([first]);
  await minutes(it, 1);

  expect(pagedKeys(it)).toEqual([first, second]);
});

test('many that grow from at risk to lost at once are one page', async () => {
  const it = world();
  const arns = it.keys(5);
  it.ports.prover.proveGenerate = async () => {
    throw new KeywrightError('kms.access-denied', 'KMS says so.', { action: 'kms:GenerateDataKey' });
  };
  await it.enable(arns);
  await it.page();
  expect(pagedKeys(it)).toHaveLength(1);

  await it.disable(arns);
  await it.page();
  expect(pagedKeys(it)).toHaveLength(2);
});

test('a word about a storm is owed since it grew, not since the first page', async () => {
  const it = world();
  const [first = '', second = ''] = it.keys(2);
  await it.disable([first]);
  await it.page();
  await minutes(it, 9);
  await it.disable([second]);
  it.pass(30_000);
  await it.settle();

  const [leader] = it.leaders();
  expect(leader && owedSince(leader)).toBe(after(570_000));
});
