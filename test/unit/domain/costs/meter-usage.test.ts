import { listCosts, showCosts } from '../../../../shared/domain/api/costs';
import { entriesOf } from '../../../../shared/domain/audit/log/layout';
import { type MeterPorts, meterUsage, noteGrowth } from '../../../../shared/domain/costs/meter-usage';
import { costShareKey } from '../../../../shared/domain/costs/usage';
import { OUR_ACCOUNT, REGION } from '../../../support/make';
import { anEntry, subscriptionWorld } from '../../../support/subscription-world';

const KEY = `arn:aws:kms:${REGION}:${OUR_ACCOUNT}:key/11111111-1111-4111-8111-111111111111`;
const DAY = 86_400_000;
/** The world begins at 2026-11-24T12:00Z. */
const DECEMBER_4 = 10 * DAY;

const ours = { source: { accountId: OUR_ACCOUNT, region: REGION } };
const call = (eventId: string, fields: object = {}, customerId = 'acme') =>
  anEntry(eventId, { ...ours, kmsKeyArns: [KEY], ...fields }, customerId);

function meteredWorld() {
  const world = subscriptionWorld();
  const ports: MeterPorts = { ...world.ports, ownAccountId: OUR_ACCOUNT };
  const meter = async (...customerIds: readonly string[]) => {
    for (const customerId of customerIds) await noteGrowth(customerId, ports);
    world.pass(11 * 60_000);
    await meterUsage(ports);
  };
  const costs = async (customerId = 'acme', month = '2026-11') =>
    (await showCosts.run({ customerId, month }, { principal: 'somebody' } as never, ports)) as Awaited<
      ReturnType<typeof showCosts.run>
    > & { share: { isFinal: boolean; totalMicroUsd: number; lines: object[]; usage: object; keys: object[] } };
  return { ...world, ports, meter, costs };
}

const recordedIn = (world: ReturnType<typeof meteredWorld>) =>
  world.control.outbox.filter(({ detailType }) => detailType === 'cost-share-recorded.v1');

test('requests, failures, data keys and what they cost are counted, once however often it runs', async () => {
  const world = meteredWorld();
  await world.append(
    call('1'),
    call('2', { operation: 'GenerateDataKey' }),
    call('3', { outcome: 'failed' }),
    call('4', { operation: 'Sign' }),
    call('5', { operation: 'GenerateDataKeyPair', record: { requestParameters: { keyPairSpec: 'RSA_2048' } } }),
  );
  await world.meter('acme');
  await world.meter('acme');

  const { share } = await world.costs();
  expect(share).toMatchObject({
    isFinal: false,
    logSize: 5,
    usage: {
      entries: 5,
      requests: { Decrypt: 2, GenerateDataKey: 1, Sign: 1, GenerateDataKeyPair: 1 },
      failedRequests: 1,
      dataKeys: 2,
    },
  });
  expect(share.lines).toEqual(
    expect.arrayContaining([
      { item: 'request', unit: 'request', units: 3, microUsd: 9 },
      { item: 'asymmetric-request', unit: 'request', units: 1, microUsd: 15 },
      { item: 'rsa-data-key-pair', unit: 'request', units: 1, microUsd: 1_200 },
    ]),
  );
});

test('what another account called, or tells of, is that account’s to pay', async () => {
  const world = meteredWorld();
  const theirs = '444455556666';
  await world.append(
    call('1', { caller: { accountId: theirs } }),
    call('2', { source: { accountId: theirs } }),
    call('3', { kmsKeyArns: [KEY.replace(OUR_ACCOUNT, theirs)] }),
  );
  await world.meter('acme');

  const { share } = await world.costs();
  expect(share.usage).toMatchObject({ requests: { Decrypt: 1 }, requestsOfOthers: 2 });
  expect(share.keys).toMatchObject([{ kmsKeyArn: KEY, uses: 0 }]);
});

test('a month is recorded three days after its end, once, with hours of keys and of two rotations', async () => {
  const world = meteredWorld();
  const rotated = { kind: 'fact', operation: 'key-rotated.v1', fact: { kmsKeyArn: KEY, toKmsKeyArn: KEY } };
  await world.append(call('1'), ...['2', '3', '4'].map((id) => anEntry(id, rotated)));
  await world.meter('acme');
  expect(recordedIn(world)).toEqual([]);

  world.pass(DECEMBER_4);
  await Promise.all([meterUsage(world.ports), meterUsage(world.ports)]);
  await meterUsage(world.ports);

  expect(recordedIn(world)).toHaveLength(1);
  // From the 24th at noon: 156 of 720 hours.
  expect(recordedIn(world)[0]?.detail).toMatchObject({
    ...{ factId: 'cost-share/acme/2026-11', month: '2026-11', fromIndex: 0, logSize: 4 },
    usage: { rotations: 3 },
    keys: [{ kmsKeyArn: KEY, hours: 156, materialHours: 312, uses: 1, microUsd: 216_667 }],
  });
  expect((await world.costs()).share.isFinal).toBe(true);
});

test('an entry that comes after its month was recorded counts in the next, and none is lost', async () => {
  const world = meteredWorld();
  await world.append(call('1'));
  await world.meter('acme');
  world.pass(DECEMBER_4);
  await world.append(call('2', { at: '2026-12-02T00:00:00.000Z' }));
  await world.meter('acme');
  await world.append(call('3', { at: '2026-11-30T00:00:00.000Z' }));
  await world.meter('acme');

  expect((await world.costs()).share).toMatchObject({ fromIndex: 0, usage: { entries: 1 } });
  expect((await world.costs('acme', '2026-12')).share).toMatchObject({ usage: { entries: 2 } });
});

test('a key is not charged while its deletion is pending, and in arrears once that is called off', async () => {
  const world = meteredWorld();
  await world.append(
    call('1'),
    call('2', { operation: 'ScheduleKeyDeletion', kind: 'key-management', at: '2026-11-25T12:00:00.000Z' }),
  );
  world.pass(2 * DAY);
  await world.meter('acme');
  world.pass(DECEMBER_4);
  await world.meter('acme');
  expect((await world.costs()).share.keys).toMatchObject([{ hours: 24 }]);

  await world.append(
    call('3', { operation: 'CancelKeyDeletion', kind: 'key-management', at: '2026-12-04T00:00:00.000Z' }),
  );
  await world.meter('acme');
  world.pass(40 * DAY);
  await world.meter('acme');
  // From the 25th of November at noon: 132 hours, and all 744 of December.
  expect((await world.costs('acme', '2026-12')).share.keys).toMatchObject([{ hours: 876 }]);
});

test('a shared key is shared out by uses, naming nobody, and the parts are the whole', async () => {
  const world = meteredWorld();
  await world.append(call('1'), call('2'), call('3'));
  await world.append(call('4', {}, 'globex'));
  await world.meter('acme', 'globex');
  world.pass(DECEMBER_4);
  await world.meter();

  const [acme, globex] = [await world.costs('acme'), await world.costs('globex')];
  expect(acme.share.keys).toMatchObject([{ uses: 3, usesOfAll: 4, microUsd: 162_500 }]);
  expect(globex.share.keys).toMatchObject([{ uses: 1, usesOfAll: 4, microUsd: 54_167 }]);
  expect(JSON.stringify(acme)).not.toContain('globex');
});

test('whoever has the log alone comes to the same figures', async () => {
  const world = meteredWorld();
  await world.append(
    ...Array.from({ length: 600 }, (_, at) => call(`${at}`, { operation: at % 3 ? 'Decrypt' : 'Encrypt' })),
  );
  await world.meter('acme');
  world.pass(DECEMBER_4);
  await world.meter('acme');

  const bundles = [...world.objects.filesOf('acme')].filter(([path]) => /^tile\/entries\/\d+(\.p\/88)?$/.test(path));
  const log = bundles.flatMap(([, bytes]) => entriesOf(bytes));
  const entries = log.map((bytes) => JSON.parse(Buffer.from(bytes).toString()));
  const count = (operation: string) => entries.filter((entry) => entry.operation === operation).length;
  const bytes = log.reduce((sum, entry) => sum + entry.length + 34, 0);
  const { share } = await world.costs();
  expect(log).toHaveLength(600);
  expect(share.usage).toMatchObject({
    ...{ entries: 600, requests: { Decrypt: count('Decrypt'), Encrypt: count('Encrypt') } },
    ...{ bytes, byteHours: bytes * 156 },
  });
  const storage = Math.round((bytes * 156 * 23_000) / (2 ** 30 * 720));
  expect(share.totalMicroUsd).toBe((600 * 30_000) / 10_000 + Math.round((156 / 720) * 1e6) + storage);
});

test('an entry that is dated centuries away neither ends a month nor begins one', async () => {
  const world = meteredWorld();
  await world.append(call('1', { at: '0001-01-01T00:00:00.000Z' }), call('2', { at: '9999-01-01T00:00:00.000Z' }));
  await world.meter('acme');
  for (let run = 0; run < 3; run += 1) await world.meter('acme');

  expect(recordedIn(world).length).toBeLessThan(30);
  expect((await world.costs()).share).toMatchObject({ isFinal: false, usage: { entries: 1 } });
});

test('what was sent to destinations is counted by kind', async () => {
  const world = meteredWorld();
  await world.add({ from: 0, kind: 'sqs', target: `arn:aws:sqs:${REGION}:${OUR_ACCOUNT}:keywright-audit-acme` });
  await world.deliver();
  await world.append(call('1'), call('2'));
  await world.deliver();
  await world.meter('acme');

  expect((await world.costs()).share.lines).toContainEqual({
    item: 'delivery-sqs',
    unit: 'entry',
    units: 2,
    microUsd: 1,
  });
});

test('all customers of a month are listed, and one without figures is told when there will be some', async () => {
  const world = meteredWorld();
  await world.append(call('1'));
  await world.meter('acme');
  const page = await listCosts.run({ month: '2026-11' }, { principal: 'somebody' } as never, world.ports);

  expect(page).toMatchObject({ month: '2026-11', shares: [{ customerId: 'acme', isFinal: false }] });
  await expect(world.costs('globex')).rejects.toThrow('nothing of this customer is counted yet');
  await expect(world.costs('acme', '2026-10')).rejects.toThrow('2026-11 is the month that is counted now');
});

test('a run that died before its commit is as if it had not been', async () => {
  const world = meteredWorld();
  await world.append(call('1'), call('2'));
  await noteGrowth('acme', world.ports);
  world.pass(11 * 60_000);
  let dies = true;
  const commit: typeof world.control.commit = async (change) => {
    const isCounted = change.writes.some(({ entityType }) => entityType === 'key-usage');
    if (isCounted && dies) {
      dies = false;
      throw new Error('died');
    }
    await world.control.commit(change);
  };
  const ports = { ...world.ports, control: { ...world.control, commit } };
  await meterUsage(ports);
  world.pass(60_000);
  await meterUsage(ports);

  expect((await world.costs()).share.usage).toMatchObject({ entries: 2 });
  expect(
    await world.control.find('cost-share', costShareKey({ customerId: 'acme', month: '2026-11' })),
  ).toBeUndefined();
});
