import { sendTestPage } from '../../../../../shared/domain/availability/paging/send-test-page';
import { aChannel, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging, memorySecrets } from '../../../../support/memory-pager';

const REQUEST = { owner: 'oncall', channel: 'one', testId: 'test-1', factId: 'fact-1', at: NOW };

async function world() {
  const control = memoryControlStore();
  const secret = await memorySecrets().seal('the secret', 'oncall/one');
  const channel = aChannel('one', { secret, test: { testId: 'test-1', requestedAt: NOW } });
  control.given('page-channels', { owner: 'oncall', channels: [channel, aChannel('two')], revision: 1 });
  const pager = memoryPager();
  const ports = { ...memoryPaging(pager), control, clock: { now: () => NOW }, log: silentLog };
  return { control, pager, ports, row: () => control.all('page-channels')[0] };
}

test('a test goes to its channel alone, with its secret, says that it is one, and is noted', async () => {
  const { pager, ports, row } = await world();

  await sendTestPage(REQUEST, ports);
  await sendTestPage(REQUEST, ports);

  expect(pager.pages).toMatchObject([{ target: 'one', secret: 'the secret', about: 'test', severity: 'info' }]);
  expect(pager.pages[0]?.subject).toMatch(/^Test: /);
  expect(row()?.channels[0]?.test).toEqual({ testId: 'test-1', requestedAt: NOW, endedAt: NOW });
});

test('a channel that does not take it is said to fail, and why', async () => {
  const { pager, ports, row } = await world();
  pager.breakDown('one');

  await sendTestPage(REQUEST, ports);

  expect(row()?.channels[0]?.test).toMatchObject({ endedAt: NOW, failure: 'The topic did not answer.' });
  expect(row()?.failing).toEqual({ one: { since: NOW, reason: 'The topic did not answer.' } });
});

test('a secret that opens no more is a failure of the channel, and nothing is sent', async () => {
  const { control, pager, ports, row } = await world();
  const secret = await memorySecrets().seal('the secret', 'customer/globex/one');
  const test = { testId: 'test-1', requestedAt: NOW };
  control.given('page-channels', { owner: 'oncall', channels: [aChannel('one', { secret, test })], revision: 1 });

  await sendTestPage(REQUEST, ports);

  expect(pager.pages).toEqual([]);
  expect(row()?.failing).toHaveProperty('one');
});

test.each([{ testId: 'another' }, { channel: 'two' }, { channel: 'none' }, { owner: 'customer/acme' }])(
  'nothing is sent on the word of a fact that the row does not say: %o',
  async (fields) => {
    const { pager, ports } = await world();

    await sendTestPage({ ...REQUEST, ...fields }, ports);

    expect(pager.pages).toEqual([]);
  },
);
