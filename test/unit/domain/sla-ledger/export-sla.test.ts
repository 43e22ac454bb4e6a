import { verifySlaStatement } from 'keywright-verify/sla-statement';
import { exportSlaOperation } from '../../../../shared/domain/api/service-levels';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import type { SlaInterval } from '../../../../shared/domain/service-levels/sla-interval';
import type { SignedStatement } from '../../../../shared/domain/sla-ledger/export-sla';
import { ADA } from '../../../support/incident-world';
import { aCustomer, anArn, after as inMs, NOW } from '../../../support/make';
import { aSigner } from '../../../support/memory-audit';
import { memoryControlStore } from '../../../support/memory-control-store';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ago = (minutes: number) => inMs(-minutes * MINUTE_MS);
const SIGNER = aSigner();
const publicKey = async () => verifierKey('keywright/audit/acme', await SIGNER.publicKey());

const anInterval = (fields: Partial<SlaInterval> = {}): SlaInterval => ({
  incidentId: 'i-1',
  customerId: 'acme',
  kmsKeyArn: anArn(),
  cause: 'key-disabled',
  party: 'provider',
  lostAt: ago(60),
  detectedAt: ago(60),
  stoppedAt: ago(55),
  restoredAt: ago(40),
  servingAt: ago(40),
  dataStoreCount: 1,
  dataStores: [{ dataStoreId: 'documents', kind: 'application', stopsAt: ago(55) }],
  restsOn: [{ fact: 'incident-opened.v1', factId: 'fact-1' }],
  revision: 1,
  ...fields,
});

function world(...intervals: readonly SlaInterval[]) {
  const control = memoryControlStore();
  control.given('customer', aCustomer({ revision: 1 }));
  control.given('sla-interval', ...intervals);
  const ports = { control, signer: SIGNER, clock: { now: () => NOW } };
  const exported = async (fields = {}) => {
    const input = { customerId: 'acme', from: inMs(-DAY_MS), to: NOW, ...fields };
    return (await exportSlaOperation.run(input, { principal: ADA }, ports)) as SignedStatement;
  };
  return { control, exported };
}

test('a period is one statement that whoever has the public key verifies, with each interval and the sum', async () => {
  const own = anInterval({
    incidentId: 'i-2',
    party: 'customer',
    clause: 'customer-key',
    stoppedAt: ago(30),
    servingAt: ago(20),
    restoredAt: ago(20),
  });

  const { note, intervals } = await world(anInterval(), own).exported();
  const { statement, faults } = verifySlaStatement(note, await publicKey());

  expect(faults).toEqual([]);
  expect(intervals).toBe(2);
  expect(statement).toMatchObject({
    customerId: 'acme',
    name: 'Acme Ltd',
    serviceLevel: { targetPercent: 99.9, window: '30d', isDefault: true },
    burntMs: 15 * MINUTE_MS,
    excludedMs: 10 * MINUTE_MS,
    intervals: [
      {
        incidentId: 'i-1',
        burntMs: 15 * MINUTE_MS,
        dataStores: [{ dataStoreId: 'documents' }],
        restsOn: [{ factId: 'fact-1' }],
      },
      { incidentId: 'i-2', clause: 'customer-key', burntMs: 0, excludedMs: 10 * MINUTE_MS },
    ],
  });
});

test('what reaches into the period counts as far as it does, what goes on until its end, and time of two at once is summed once', async () => {
  const { note } = await world(
    anInterval({
      lostAt: ago(2_000),
      detectedAt: ago(2_000),
      stoppedAt: ago(1_500),
      servingAt: ago(1_430),
      restoredAt: ago(1_430),
    }),
    anInterval({
      incidentId: 'i-2',
      lostAt: ago(30),
      detectedAt: ago(30),
      stoppedAt: ago(30),
      restoredAt: undefined,
      servingAt: undefined,
    } as never),
    anInterval({
      incidentId: 'i-3',
      lostAt: ago(20),
      detectedAt: ago(20),
      stoppedAt: ago(20),
      servingAt: ago(10),
      restoredAt: ago(10),
    }),
    anInterval({
      incidentId: 'i-4',
      lostAt: ago(5_000),
      detectedAt: ago(5_000),
      stoppedAt: ago(5_000),
      servingAt: ago(4_000),
      restoredAt: ago(4_000),
    }),
  ).exported();

  const { statement, faults } = verifySlaStatement(note, await publicKey());

  expect(faults).toEqual([]);
  expect(statement.intervals.map(({ incidentId, burntMs }) => [incidentId, burntMs / MINUTE_MS])).toEqual([
    ['i-1', 10],
    ['i-2', 30],
    ['i-3', 10],
  ]);
  expect(statement.burntMs).toBe(40 * MINUTE_MS);
});

test('nothing of another customer is in it', async () => {
  const { note } = await world(anInterval(), anInterval({ customerId: 'globex', incidentId: 'i-9' })).exported();

  expect(note).not.toMatch(/globex|i-9/);
});

test.each([
  ['from', { from: NOW }, /before to/],
  ['to', { to: inMs(1) }, /must have come/],
  ['from', { from: inMs(-401 * DAY_MS) }, /at most 400 days/],
  ['from', { from: 'yesterday' }, /UTC instant/],
  ['customerId', { customerId: 'nobody' }, /is not registered/],
])('a %s that makes no sense is refused with the way out: %j', async (field, wrong, way) => {
  await expect(world().exported(wrong)).rejects.toMatchObject({
    message: expect.stringMatching(new RegExp(`^${field}: .*${way.source}`)),
  });
});

test('of more intervals than an answer holds a part is to be asked for', async () => {
  const many = Array.from({ length: 251 }, (_, at) => anInterval({ incidentId: `i-${at}` }));

  await expect(world(...many).exported()).rejects.toMatchObject({
    message: expect.stringMatching(/^from: 251 .*shorter periods/),
  });
});
