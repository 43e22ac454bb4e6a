/** Customers are told of incidents that concern data of theirs: each once, of themselves alone, and of the end as well. */
import { customerNotified } from '../../../../../events/customer-notified';
import type { Incident } from '../../../../../shared/domain/availability/incidents/incident';
import { tellCustomers, tellOwed } from '../../../../../shared/domain/availability/notices/tell-customers';
import { aChannel, aDataStore, after, aKmsKey, anIncident, countedIds, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../../../support/memory-pager';

const MINUTE_MS = 60_000;

function world({
  isShared = false,
  withChannel = [] as readonly string[],
  customers = ['acme'] as readonly string[],
} = {}) {
  const control = memoryControlStore();
  control.given('kms-key', isShared ? (({ customerId: _nobody, ...key }) => key)(aKmsKey()) : aKmsKey());
  for (const customerId of customers) {
    control.given(
      'data-store',
      aDataStore({ customerId, dataStoreId: `${customerId}-documents` }),
      aDataStore({ customerId, dataStoreId: `${customerId}-files` }),
    );
  }
  for (const customerId of withChannel)
    control.given('page-channels', {
      owner: `customer/${customerId}`,
      customerId,
      channels: [aChannel(`${customerId}-soc`)],
      revision: 1,
    });
  control.given(
    'incident',
    anIncident({ evidence: 'a secret of globex', impact: { ...anIncident().impact, customerCount: customers.length } }),
  );
  const pager = memoryPager();
  let now = NOW;
  const ports = { ...memoryPaging(pager), control, clock: { now: () => now }, ids: countedIds(), log: silentLog };
  return {
    control,
    pager,
    ports,
    tell: () => tellCustomers('incident-1', ports),
    async pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        now = after(MINUTE_MS, now);
        await tellOwed(ports);
      }
    },
    close: () =>
      control.given('incident', {
        ...(control.all('incident')[0] as Incident),
        state: 'closed',
        recoveredAt: after(MINUTE_MS),
      }),
    facts: () => control.outbox.map(({ detail }) => `${detail['customerId']} ${detail['about']}`),
    states: () =>
      control.all('customer-notice').map(({ customerId, about, state }) => `${customerId} ${about} ${state}`),
    toldAt: () => control.all('incident')[0]?.customerToldAt,
  };
}

test('a customer without a channel is told by their stream, once, and the incident knows when', async () => {
  const { tell, pass, control, states, toldAt, pager } = world();

  for (let delivery = 0; delivery < 3; delivery += 1) await tell();
  await pass(3);

  expect(control.outbox).toEqual([
    {
      factId: expect.any(String),
      detailType: customerNotified.detailType,
      detail: expect.objectContaining({
        incidentId: 'incident-1',
        customerId: 'acme',
        about: 'opened',
        cause: 'key-disabled',
        party: 'customer',
        dataStoreCount: 2,
        dataStores: ['acme-documents', 'acme-files'],
      }),
    },
  ]);
  expect([states(), toldAt(), pager.pages]).toEqual([['acme opened recorded'], NOW, []]);
});

test('a customer with a channel is told there, next step first, and again when it is over', async () => {
  const { tell, pass, close, states, pager, facts, toldAt } = world({ withChannel: ['acme'] });
  await tell();
  expect(toldAt()).toBe(NOW);
  close();
  await tell();
  await tell();
  await pass(3);

  expect(pager.pages.map(({ target, about, subject }) => [target, about, subject])).toEqual([
    ['acme-soc', 'opened', 'Your KMS key was disabled'],
    ['acme-soc', 'closed', 'Over: Your KMS key is available again'],
  ]);
  expect(pager.pages[0]?.body.split('\n')[2]).toMatch(/^Next step: {2}if nobody meant it, undo it in your AWS account/);
  expect(states()).toEqual(['acme closed sent', 'acme opened sent']);
  expect(facts()).toEqual(['acme opened', 'acme closed']);
});

test('who is to be told while the key is back only just is told: it may be lost again, and nobody would tell them', async () => {
  const { tell, control, facts } = world();
  control.given('incident', { ...anIncident(), state: 'recovering', quietUntil: after(30_000) });
  await tell();
  control.given('incident', anIncident({ returns: 1 }));

  expect(facts()).toEqual(['acme opened']);
});

test('the end of a key that we took out of use ourselves is not told as its return', async () => {
  const { tell, control, pager } = world({ withChannel: ['acme'] });
  await tell();
  control.given('incident', {
    ...(control.all('incident')[0] as Incident),
    state: 'closed',
    outOfUseAt: after(MINUTE_MS),
  });

  await tell();

  expect(pager.pages.at(-1)?.subject).toMatch(/^Over: Your KMS key is out of use: we took it out/);
  expect(pager.pages.at(-1)?.body).not.toContain('available again');
});

test('customers of a shared key are each told of themselves, and of nobody else', async () => {
  const customers = ['acme', 'globex', 'initech'];
  const { tell, pager, control } = world({ isShared: true, customers, withChannel: customers });

  await tell();

  expect(pager.pages.map(({ target }) => target).sort()).toEqual(customers.map((id) => `${id}-soc`));
  for (const { target, details, subject, body } of pager.pages) {
    const others = customers.filter((id) => !target.startsWith(id));
    const told = JSON.stringify([details, subject, body]);
    for (const other of others) expect(told).not.toContain(other);
    expect(told).not.toMatch(/arn:aws:kms|\b[36] (customers|data stores)|a secret of/);
  }
  for (const { detail } of control.outbox) {
    const told = JSON.stringify(detail);
    for (const other of customers.filter((id) => id !== detail['customerId'])) expect(told).not.toContain(other);
    expect(told).not.toContain('arn:aws:kms');
  }
});

test('the key is named to whom it belongs', async () => {
  const { tell, pager, control } = world({ withChannel: ['acme'] });

  await tell();

  expect(pager.pages[0]?.body).toContain('Key:        arn:aws:kms');
  expect(control.outbox[0]?.detail).toHaveProperty('kmsKeyArn');
});

test('a channel that fails is tried again, keeps nobody else, and the incident knows when the last was told', async () => {
  const customers = ['acme', 'globex'];
  const { tell, pass, pager, states, toldAt } = world({ isShared: true, customers, withChannel: customers });
  pager.breakDown('globex-soc');
  await tell();
  await pass(30);
  expect([states(), toldAt()]).toEqual([['acme opened sent', 'globex opened owed'], undefined]);

  pager.breakDown();
  await pass(30);

  expect(states()).toEqual(['acme opened sent', 'globex opened sent']);
  expect(pager.pages.map(({ target }) => target)).toEqual(['acme-soc', 'globex-soc']);
  expect(toldAt()).toBe('2026-11-24T12:36:00.000Z');
});

test('a channel that takes nothing for a day is given up: the stream has it', async () => {
  const { tell, pass, pager, states, control } = world({ withChannel: ['acme'] });
  pager.breakDown('acme-soc');
  await tell();
  await pass(25 * 60);

  expect(states()).toEqual(['acme opened recorded']);
  expect(await control.due('customer-notice', '9999', 10)).toEqual([]);
});

test('500 customers of one key are all told, once, also where a run dies in the middle of writing', async () => {
  const customers = Array.from({ length: 500 }, (_, at) => `customer-${at}`);
  const { ports, pass, tell, states, facts, toldAt, control } = world({ isShared: true, customers });
  let left = 150;
  const ids = {
    next() {
      left -= 1;
      if (left < 0) throw new Error('killed');
      return ports.ids.next();
    },
  };
  await expect(tellCustomers('incident-1', { ...ports, ids })).rejects.toThrow('killed');
  expect(toldAt()).toBeUndefined();
  await pass(2);
  await tell();

  expect(new Set(facts()).size).toBe(500);
  expect(facts()).toHaveLength(500);
  expect(states().filter((state) => state.endsWith('opened recorded'))).toHaveLength(500);
  expect(toldAt()).toBeDefined();
  expect(control.all('notice-round')).toMatchObject([{ noticeCount: 500, toldCount: 500, isComplete: true }]);
});

test.each([
  ['came and went before anybody was told', { state: 'closed', recoveredAt: NOW }],
  ['took another’s place, of whose end nobody was told', { state: 'closed', followedBy: 'incident-2' }],
] as const)('nobody is told of an incident that %s', async (_title, fields) => {
  const { control, tell } = world();
  control.given('incident', { ...(control.all('incident')[0] as Incident), ...fields });

  await tell();

  expect(control.outbox).toEqual([]);
});

test('of an incident whose place another took the end is told by that one', async () => {
  const { control, tell, facts } = world();
  await tell();
  control.given('incident', { ...(control.all('incident')[0] as Incident), state: 'closed', followedBy: 'incident-2' });

  await tell();

  expect(facts()).toEqual(['acme opened']);
});

test('dying between a notice and its note sends it again with the same ids', async () => {
  const { ports, pager, pass, states } = world({ withChannel: ['acme'] });
  let commits = 0;
  const control = {
    ...ports.control,
    commit: async (change: Parameters<typeof ports.control.commit>[0]) => {
      commits += 1;
      if (commits === 3) throw new Error('killed');
      return ports.control.commit(change);
    },
  };
  await expect(tellCustomers('incident-1', { ...ports, control })).rejects.toThrow('killed');
  await pass(2);

  expect(pager.pages.map(({ messageId }) => messageId)).toEqual(Array(2).fill('incident-1.acme.opened'));
  expect(states()).toEqual(['acme opened sent']);
});
