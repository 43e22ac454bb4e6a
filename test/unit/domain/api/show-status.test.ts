import { type ProductStatus, showStatus } from '../../../../shared/domain/api/show-status';
import type { KeyIncident } from '../../../../shared/domain/availability/incidents/incident';
import { NEVER } from '../../../../shared/domain/instants';
import type { ReencryptionJob } from '../../../../shared/domain/reencryption/reencryption';
import { after, aMaterial, anArn, anIncident, aWatch, NOW } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';

const MINUTE_MS = 60_000;
const ADA = { principal: 'arn:aws:iam::111122223333:user/ada' };

/** Everything is well at NOW: one key, watched, its probe due in a minute. */
function world() {
  const control = memoryControlStore();
  control.given('key-watch', aWatch({ dueAt: after(MINUTE_MS) }));
  return {
    control,
    status: async () => (await showStatus.run({}, ADA, { control, clock: { now: () => NOW } })) as ProductStatus,
  };
}

const loss = { availability: 'unavailable', cause: 'key-disabled', party: 'customer' } as const;

function givenLoss({ control }: ReturnType<typeof world>, fields: Partial<KeyIncident> = {}) {
  const incident = anIncident({ signalledAt: after(-MINUTE_MS), detectedAt: after(-MINUTE_MS), ...fields });
  const { kmsKeyArn, incidentId: openIncidentId } = incident;
  control.given('incident', incident);
  const verdict = { ...loss, evidence: 'the key is disabled', at: NOW };
  control.given('key-watch', aWatch({ kmsKeyArn, ...loss, verdict, openIncidentId, dueAt: NOW }));
}

test('where nothing is wrong it is healthy', async () => {
  expect(await world().status()).toMatchObject({
    at: NOW,
    healthy: true,
    openIncidents: { count: 0, critical: 0, warning: 0, more: false },
    keys: [],
    latePages: { count: 0 },
    lateProbes: { count: 0 },
    parkedJobs: { count: 0 },
    failingChannels: { count: 0 },
  });
});

test('a channel that takes no page is not healthy, whoever’s it is, and is named with its reason', async () => {
  const it = world();
  const failure = { since: after(-MINUTE_MS), reason: 'it answered 500' };
  const row = { channels: [], failing: { primary: failure }, dueAt: failure.since, revision: 1 };
  it.control.given(
    'page-channels',
    { owner: 'oncall', ...row },
    { owner: 'customer/acme', customerId: 'acme', ...row },
  );

  expect(await it.status()).toMatchObject({
    healthy: false,
    failingChannels: {
      count: 2,
      first: expect.arrayContaining([{ owner: 'oncall', channel: 'primary', ...failure }]),
    },
  });
});

test('whose events are left out is shown with the reason, and nothing is wrong for it', async () => {
  const it = world();
  const sender = {
    accountId: '999988887777',
    since: after(-MINUTE_MS),
    lastAt: NOW,
    reason: 'it concerns no customer',
  };
  it.control.given('ignored-sender', { ...sender, dueAt: after(MINUTE_MS), revision: 1 });

  expect(await it.status()).toMatchObject({ healthy: true, ignoredSenders: { count: 1, first: [sender] } });
});

test('it is never healthy while a key is not, whether on-call was paged or not, and names the key', async () => {
  for (const fields of [{}, { pagedAt: undefined, dueAt: NOW } as never]) {
    const it = world();
    givenLoss(it, fields);

    expect(await it.status()).toMatchObject({
      healthy: false,
      openIncidents: { count: 1, critical: 1, warning: 0 },
      keys: [{ kmsKeyArn: anArn(), ...loss, severity: 'critical', incidentId: 'incident-1' }],
      latePages: { count: 0 },
    });
  }
});

test('an acknowledged incident is still not healthy, and says who has it', async () => {
  const it = world();
  givenLoss(it, { acknowledged: { by: 'ada', at: NOW, note: 'mine' } });

  expect(await it.status()).toMatchObject({ healthy: false, keys: [{ acknowledgedBy: 'ada' }] });
});

test('what stops data stores comes before what may stop them, whichever began first', async () => {
  const it = world();
  givenLoss(it, { kmsKeyArn: anArn('a'), incidentId: 'i-1', cause: 'own-permissions', party: 'provider' });
  givenLoss(it, { kmsKeyArn: anArn('b'), incidentId: 'i-2' });
  const impact = { customerCount: 0, dataStoreCount: 0, customers: [], dataStores: [] };
  givenLoss(it, { kmsKeyArn: anArn('c'), incidentId: 'i-3', impact });

  const { openIncidents, keys } = await it.status();

  expect(openIncidents).toMatchObject({ count: 3, critical: 1, warning: 2 });
  expect(keys.map(({ incidentId }) => incidentId)).toEqual(['i-2', 'i-1', 'i-3']);
});

test.each([
  ['a loss', { pagedAt: undefined, detectedAt: after(-3 * MINUTE_MS) }, after(-3 * MINUTE_MS)],
  ['an end', { state: 'closed', recoveredAt: after(-3 * MINUTE_MS) }, after(-3 * MINUTE_MS)],
])(
  'a page about %s that is not out for longer than two runs is late, however often it was tried',
  async (_, fields, owedSince) => {
    const it = world();
    givenLoss(it, { ...fields, dueAt: after(45_000) } as never);

    expect(await it.status()).toMatchObject({
      healthy: false,
      latePages: { count: 1, first: [{ incidentId: 'incident-1', owedSince }] },
    });
  },
);

test('a key that nobody has looked at for longer than two runs is not healthy; one that was retired is not missed', async () => {
  const it = world();
  it.control.given('key-watch', aWatch({ kmsKeyArn: anArn('old'), dueAt: NEVER }));
  it.control.given('key-watch', aWatch({ kmsKeyArn: anArn('due'), dueAt: after(-MINUTE_MS) }));
  expect(await it.status()).toMatchObject({ healthy: true });

  const dueAt = after(-2 * MINUTE_MS);
  it.control.given('key-watch', aWatch({ kmsKeyArn: anArn('late'), dueAt }));

  expect(await it.status()).toMatchObject({
    healthy: false,
    lateProbes: { count: 1, more: false, first: [{ kmsKeyArn: anArn('late'), customerId: 'acme', dueAt }] },
  });
});

test('a key at which looks tell nothing for longer than two runs is not healthy, before that is trouble of our own', async () => {
  const it = world();
  const spot = {
    trouble: 'throttled',
    subject: 'eu-central-1',
    evidence: 'KMS throttles us',
    looks: 3,
    revision: 1,
  } as const;
  const at = (ms: number) => ({ ...spot, since: after(ms), dueAt: after(ms) });
  it.control.given('blind-spot', { kmsKeyArn: anArn('new'), ...at(-MINUTE_MS) });
  const { dueAt: _seen, ...again } = at(-60 * MINUTE_MS);
  it.control.given('blind-spot', { kmsKeyArn: anArn('seen'), ...again });
  expect(await it.status()).toMatchObject({ healthy: true });

  it.control.given('blind-spot', { kmsKeyArn: anArn('old'), ...at(-3 * MINUTE_MS) });

  const { evidence } = spot;
  expect(await it.status()).toMatchObject({
    healthy: false,
    unseenKeys: { count: 1, first: [{ kmsKeyArn: anArn('old'), since: after(-3 * MINUTE_MS), evidence }] },
  });
});

test.each([
  ['early-warning', { warningId: 'w-1', kind: 'alias-moved', kmsKeyArn: anArn(), says: 'x', at: NOW }, 'w-1'],
  ['page-delivery', { incidentId: 'i-1', channels: {} }, 'i-1'],
  ['notice-round', { incidentId: 'i-1', about: 'opened', noticeCount: 0, toldCount: 0, isComplete: false }, 'opened'],
  ['customer-notice', { incidentId: 'i-1', customerId: 'acme', kmsKeyArn: anArn(), about: 'opened' }, 'acme'],
  ['ledger-round', { incidentId: 'i-1', restsOn: [] }, 'i-1'],
] as const)('a %s that two runs have passed by is not healthy', async (what, fields, id) => {
  const it = world();
  it.control.given(what, { ...fields, dueAt: after(-MINUTE_MS), revision: 1 } as never);
  expect(await it.status()).toMatchObject({ healthy: true });

  const dueAt = after(-3 * MINUTE_MS);
  it.control.given(what, { ...fields, dueAt, revision: 1 } as never);

  expect(await it.status()).toMatchObject({
    healthy: false,
    lateWork: { count: 1, first: [{ what, id: expect.stringContaining(id), dueAt }] },
  });
});

const aJob = (fields: Partial<ReencryptionJob>): ReencryptionJob => ({
  jobId: 'job-1',
  kmsKeyArn: anArn(),
  keyMaterialId: aMaterial(1),
  toKmsKeyArn: anArn(),
  toKeyMaterialId: aMaterial(2),
  state: 'running',
  total: 0,
  reencrypted: 0,
  quarantined: 0,
  startedAt: NOW,
  dueAt: after(30 * MINUTE_MS),
  revision: 0,
  ...fields,
});

test('a job that is parked is told with its reason; one that runs, is paused or is over is not', async () => {
  const it = world();
  it.control.given('reencryption-job', aJob({ jobId: 'runs' }));
  it.control.given('reencryption-job', aJob({ jobId: 'paused', state: 'paused', dueAt: NEVER }));
  it.control.given('reencryption-job', aJob({ jobId: 'done', state: 'done', dueAt: NEVER }));
  expect(await it.status()).toMatchObject({ healthy: true });

  it.control.given('reencryption-job', aJob({ jobId: 'parked', state: 'parked', parkedBy: 'kms.key-disabled' }));

  expect(await it.status()).toMatchObject({
    healthy: false,
    parkedJobs: { count: 1, first: [{ jobId: 'parked', kmsKeyArn: anArn(), parkedBy: 'kms.key-disabled' }] },
  });
});

test('of many keys that are away the count is whole and the first are named', async () => {
  const it = world();
  for (let key = 0; key < 120; key += 1)
    givenLoss(it, { kmsKeyArn: anArn(`k-${key}`), incidentId: `i-${String(key).padStart(3, '0')}` });

  const { openIncidents, keys } = await it.status();

  expect(openIncidents).toMatchObject({ count: 120, critical: 120, more: false });
  expect(keys).toHaveLength(20);
});

test('a page about a retirement that stopped is late as that of an incident is', async () => {
  const it = world();
  const stop = { kmsKeyArn: anArn(), reason: 'used', dueAt: after(45_000), revision: 1 };
  it.control.given('retirement-stop', { ...stop, stopId: 'new', at: after(-MINUTE_MS) });
  expect(await it.status()).toMatchObject({ healthy: true });

  const at = after(-3 * MINUTE_MS);
  it.control.given('retirement-stop', { ...stop, stopId: 'late', at });

  expect(await it.status()).toMatchObject({
    healthy: false,
    latePages: { count: 1, first: [{ incidentId: 'late', owedSince: at }] },
  });
});

test('a budget that is nearly burnt is told beside the key that burns it, and one that is not is left out', async () => {
  const it = world();
  const budget = { customerId: 'acme', targetPercent: 99.9, window: { days: 30 }, isDefault: true, leftMs: 1 } as const;
  givenLoss(it, { outlook: { lostAt: NOW, stopping: [], budget } });
  expect((await it.status()).keys[0]).not.toHaveProperty('budget');

  const lost = { lostAt: after(-40 * MINUTE_MS), detectedAt: NOW, stoppedAt: after(-40 * MINUTE_MS) };
  const what = { kmsKeyArn: anArn(), cause: 'key-disabled', dataStoreCount: 1, dataStores: [], restsOn: [] } as const;
  it.control.given('sla-interval', { incidentId: 'incident-1', customerId: 'acme', ...what, ...lost, revision: 1 });

  expect((await it.status()).keys[0]).toMatchObject({ budget: { customerId: 'acme', leftMs: 192_000 } });
});

test('a drill that is under way is shown as one, and is nothing wrong: neither its incident nor a page of it that is late', async () => {
  const it = world();
  givenLoss(it, { drillId: 'drill-1', detectedAt: after(-10 * MINUTE_MS), dueAt: NOW });
  const drill = {
    cause: 'key-disabled',
    kmsKeyArn: anArn(),
    requestedBy: 'ada',
    requestedAt: NOW,
    revision: 1,
  } as const;
  it.control.given(
    'drill',
    { ...drill, drillId: 'drill-1', state: 'lost', dueAt: after(MINUTE_MS) },
    { ...drill, drillId: 'drill-2', state: 'due', dueAt: after(MINUTE_MS) },
  );

  expect(await it.status()).toMatchObject({
    healthy: true,
    openIncidents: { count: 0 },
    keys: [],
    latePages: { count: 0 },
    drills: [{ drillId: 'drill-1', cause: 'key-disabled', state: 'lost' }],
  });
});
