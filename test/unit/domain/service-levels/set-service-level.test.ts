import type { ServiceLevelPage } from '../../../../shared/domain/api/service-levels';
import { run } from '../../../support/incident-world';
import { aCustomer, NOW } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

function world() {
  const made = rotationWorld();
  made.control.given('customer', aCustomer({ revision: 1 }), aCustomer({ customerId: 'globex', revision: 1 }));
  return made;
}

const TERMS = { customerId: 'acme', targetPercent: 99.95, exclude: ['customer-key'], noticeMinutes: 15 };

test('what is agreed is kept, told once into the customer’s stream, and repeating it changes nothing', async () => {
  const it = world();

  for (let time = 0; time < 2; time += 1)
    expect(await run('set-service-level', TERMS, it)).toMatchObject({
      serviceLevel: { ...TERMS, window: { days: 30 }, setAt: NOW },
    });

  expect(it.control.outbox).toMatchObject([
    {
      detailType: 'service-level-set.v1',
      detail: { customerId: 'acme', targetPercent: 99.95, window: '30d', exclude: ['customer-key'], noticeMinutes: 15 },
    },
  ]);
});

test('other terms take the place of all of those before, told again', async () => {
  const it = world();
  await run('set-service-level', TERMS, it);

  const { serviceLevel } = await run<{ serviceLevel: object }>(
    'set-service-level',
    { customerId: 'acme', targetPercent: 99.9, window: 'month' },
    it,
  );

  expect(serviceLevel).toMatchObject({ targetPercent: 99.9, window: { calendar: 'month' }, exclude: [] });
  expect(serviceLevel).not.toHaveProperty('noticeMinutes');
  expect(it.facts()).toHaveLength(2);
});

test('a dry run says what would be set, and sets nothing', async () => {
  const it = world();

  await run('set-service-level', { ...TERMS, dryRun: true }, it);

  expect(it.control.all('service-level')).toEqual([]);
  expect(it.facts()).toEqual([]);
});

test.each([
  ['targetPercent', { targetPercent: 0 }, /more than 0/],
  ['targetPercent', { targetPercent: -1 }, /more than 0/],
  ['targetPercent', { targetPercent: 100 }, /less than 100.*Nobody can promise 100/],
  ['targetPercent', { targetPercent: 101 }, /less than 100/],
  ['window', { window: '0d' }, /1d to 366d, such as 30d/],
  ['window', { window: '367d' }, /month, or days/],
  ['window', { window: 'none' }, /month, or days/],
  ['exclude', { exclude: ['acts-of-god'] }, /acts-of-god, which is no clause. There are: customer-key, cloud-outage/],
  ['noticeMinutes', { noticeMinutes: 0 }, /from 1 to 10080 minutes/],
  ['noticeMinutes', { noticeMinutes: 1.5 }, /whole number/],
  ['probeEverySeconds', { probeEverySeconds: 5 }, /from 60 to 3600 seconds/],
  ['tier', { tier: 'very important!' }, /one word/],
  ['customerId', { customerId: 'nobody' }, /is not registered/],
])('a %s that makes no sense is refused with the way out: %j', async (field, wrong, way) => {
  const it = world();

  await expect(run('set-service-level', { ...TERMS, ...wrong }, it)).rejects.toMatchObject({
    message: expect.stringMatching(new RegExp(`^${field}: .*${way.source}`)),
    details: { field },
  });
  expect(it.control.all('service-level')).toEqual([]);
  expect(it.facts()).toEqual([]);
});

test('those with whom something was agreed are listed with what is left, all others are not', async () => {
  const it = world();
  await run('set-service-level', TERMS, it);

  const { serviceLevels } = await run<ServiceLevelPage>('list-service-levels', {}, it);

  expect(serviceLevels).toMatchObject([{ customerId: 'acme', isDefault: false, leftMs: 1_296_000 }]);
});

test('where nothing was agreed the default is shown as such', async () => {
  expect(await run('show-service-level', { customerId: 'acme' }, world())).toMatchObject({
    name: 'Acme Ltd',
    isDefault: true,
    terms: { targetPercent: 99.9, window: { days: 30 }, exclude: [] },
    leftMs: 2_592_000,
    incidents: [],
  });
});

test('nobody is shown the budget of a customer who is none', async () => {
  await expect(run('show-service-level', { customerId: 'nobody' }, world())).rejects.toMatchObject({
    code: 'state.not-found',
  });
});
