import { incidentClosed } from '../../../../events/incident-closed';
import { incidentOpened } from '../../../../events/incident-opened';
import { keyAvailabilityChanged } from '../../../../events/key-availability-changed';
import { type KeySignalReceived, keySignalReceived } from '../../../../events/key-signal-received';
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import type { KeyIncident } from '../../../../shared/domain/availability/incidents/incident';
import { severityOf } from '../../../../shared/domain/availability/incidents/severity';
import { nextLookAt } from '../../../../shared/domain/availability/next-look';
import { pageOf } from '../../../../shared/domain/availability/paging/page-text';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { settleIncidents } from '../../../../shared/domain/availability/settle-incidents';
import { type ErrorCode, KeywrightError } from '../../../../shared/domain/errors';
import {
  aCustomer,
  aDataStore,
  after,
  aKmsKey,
  anArn,
  anIncident,
  aWatch,
  countedIds,
  NOW,
  ofKeys,
  silentLog,
} from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { scriptedKms } from '../../../support/scripted-kms';

const signal = (fields: { signalledAt?: string; signal?: KeySignalReceived['signal'] } = {}) =>
  keySignalReceived.read({
    factId: 'signal-1',
    at: NOW,
    kmsKeyArn: anArn(),
    signal: 'customer-event',
    observed: 'ScheduleKeyDeletion',
    signalledAt: NOW,
    ...fields,
  });

function world() {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey());
  control.given('key-watch', aWatch());
  control.given('customer', aCustomer());
  control.given('data-store', aDataStore(), aDataStore({ dataStoreId: 'files' }));
  const kms = scriptedKms();
  const waits: number[] = [];
  const pause = { wait: async (ms: number) => void waits.push(ms) };
  const ports = { control, ...kms, clock: { now: () => NOW }, ids: countedIds(), pause, log: silentLog };
  const factsOf = (detailType: string) => control.outbox.filter((fact) => fact.detailType === detailType);
  /** The key has stayed for as long as it has to. */
  const quiet = () => settleIncidents({ ...ports, clock: { now: () => after(30_000) } });
  return { control, kms, ports, waits, factsOf, quiet, watch: () => control.all('key-watch')[0] };
}

test('a loss that two looks agree on opens one incident, with its cause, its impact and until when it can be undone', async () => {
  const { control, kms, ports, watch, factsOf } = world();
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('PendingDeletion', { deletionDate: '2026-12-01T00:00:00.000Z' });

  await assessKey(signal({ signalledAt: '2026-11-24T11:59:58.000Z' }), ports);

  const [incident] = control.all('incident');
  expect(incident).toMatchObject({
    state: 'open',
    cause: 'key-pending-deletion',
    recoverableUntil: '2026-12-01T00:00:00.000Z',
    signalledAt: '2026-11-24T11:59:58.000Z',
    detectedAt: NOW,
    impact: { customerCount: 1, dataStoreCount: 2, customers: [{ customerId: 'acme', name: 'Acme Ltd' }] },
  });
  expect(watch()).toMatchObject({ availability: 'unavailable', openIncidentId: incident?.incidentId });
  expect(factsOf(incidentOpened.detailType).map(({ detail }) => detail)).toMatchObject([
    { dataStoreCount: 2, recoverableUntil: '2026-12-01T00:00:00.000Z', customerId: 'acme' },
  ]);
  expect(factsOf(keyAvailabilityChanged.detailType)[0]?.detail).toMatchObject({ from: 'available', to: 'unavailable' });
});

test('a deletion that was called off and asked for anew, sooner, is counted down to by its new date', async () => {
  const { control, kms, ports, watch } = world();
  kms.unwrapAnswers('kms.key-pending-deletion');
  kms.keyStateIs('PendingDeletion', { deletionDate: '2026-12-24T12:00:00.000Z' });
  await assessKey(signal(), ports);
  kms.keyStateIs('PendingDeletion');
  await assessKey(signal(), ports);
  expect(watch()?.verdict).toMatchObject({ recoverableUntil: '2026-12-24T12:00:00.000Z' });

  kms.keyStateIs('PendingDeletion', { deletionDate: '2026-12-01T12:00:00.000Z' });
  control.given('key-watch', { ...(watch() ?? aWatch()), dueAt: NOW });
  await probeKeys(ports);
  await assessKey(keySignalReceived.read({ ...control.outbox.at(-1)?.detail }), ports);

  const incidents = ofKeys(control.all('incident'));
  expect(incidents).toMatchObject([{ state: 'open', recoverableUntil: '2026-12-01T12:00:00.000Z' }]);
});

const away = () => {
  throw new KeywrightError('store.unreachable', 'the index is away');
};

test.each([
  ['keys', { ofKmsKey: away }],
  ['customers', { ofCustomer: away }],
  ['everything', { ofKmsKey: away, ofCustomer: away, due: away, page: away }],
])('a loss is told though the index of %s cannot be read', async (_, broken) => {
  const { control, kms, ports, factsOf } = world();
  control.given('data-store-count', { kmsKeyArn: anArn(), dataStores: 2, revision: 1 });
  kms.unwrapAnswers('kms.key-disabled');

  await assessKey(signal(), { ...ports, control: { ...control, ...broken } });

  const [incident] = ofKeys(control.all('incident'));
  expect(incident?.impact).toMatchObject({ customerCount: 1, dataStoreCount: 2, customers: [{ name: 'Acme Ltd' }] });
  expect(incident && severityOf(incident)).toBe('critical');
  expect(factsOf(incidentOpened.detailType)).toHaveLength(1);
});

test('of a shared key whose index cannot be read the page says what it does not know', async () => {
  const { control, kms, ports } = world();
  const { customerId: _nobody, ...shared } = aKmsKey();
  control.given('kms-key', shared);
  kms.unwrapAnswers('kms.key-disabled');

  await assessKey(signal(), { ...ports, control: { ...control, ofKmsKey: away } });

  const [incident] = ofKeys(control.all('incident'));
  const page = incident && pageOf(incident, 'opened', { timeZone: 'UTC', runbooks: 'docs/runbooks' });
  expect(page).toMatchObject({
    subject: 'A shared key was disabled: at least 2 data stores stopped',
    severity: 'critical',
  });
  expect(page?.body).toContain('at least 2 data stores of customers who could not be looked up');
});

test('a key that went away is looked at in the next run of the probes, however lately it was looked at', async () => {
  const { control, kms, ports, watch } = world();
  control.given('key-watch', aWatch({ dueAt: '2026-11-24T12:05:00.000Z' }));
  kms.unwrapAnswers('kms.key-disabled');

  await assessKey(signal(), ports);

  expect(watch()).toMatchObject({ availability: 'unavailable', dueAt: NOW });
});

test('the incident of a loss that stops many fits its row, whatever their names are', async () => {
  const { control, kms, ports } = world();
  const long = '株'.repeat(100_000);
  for (let at = 0; at < 60; at += 1) {
    const customerId = `${at}`.padEnd(255, 'c');
    control.given('customer', aCustomer({ customerId, name: long }));
    const capabilities = Array.from({ length: 50 }, () => long);
    control.given('data-store', aDataStore({ customerId, dataStoreId: 'd'.repeat(512), capabilities }));
  }
  kms.unwrapAnswers('kms.key-disabled');

  await assessKey(signal(), ports);

  const [incident] = ofKeys(control.all('incident'));
  expect(incident?.impact).toMatchObject({ customerCount: 61, dataStoreCount: 62 });
  expect(incident?.impact.customers).toHaveLength(50);
  expect(incident?.impact.dataStores).toHaveLength(50);
  // A row of DynamoDB holds 400 KB.
  expect(Buffer.byteLength(JSON.stringify(incident))).toBeLessThan(400_000);
});

test('a second signal of the same loss changes nothing', async () => {
  const { control, kms, ports } = world();
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');
  await assessKey(signal(), ports);
  const facts = control.outbox.length;

  await assessKey(signal(), ports);

  expect(control.outbox).toHaveLength(facts);
  expect(control.all('incident')).toHaveLength(1);
});

test('a signal that our own call does not confirm changes nothing', async () => {
  const { control, ports, kms } = world();

  await assessKey(signal(), ports);

  expect(control.outbox).toEqual([]);
  expect(kms.unwraps()).toBe(1);
});

const SOON = after(30_000);
const LATER = after(300_000);

test.each<[string, Parameters<typeof signal>[0], (ErrorCode | 'ok')[], string]>([
  ['a change that the look does not show', {}, ['ok'], SOON],
  ['a change while KMS does not answer', {}, ['kms.unreachable'], SOON],
  ['looks that disagree', { signal: 'probe' }, ['kms.access-denied', 'ok', 'kms.access-denied', 'ok'], SOON],
  ['a probe of a key that is well again', { signal: 'probe' }, ['ok'], LATER],
  ['a failure of a call that the look does not find', { signal: 'own-failure' }, ['ok'], LATER],
])('after %s the next look is not late, nor for ever', async (_title, fields, answers, dueAt) => {
  const { control, kms, ports, watch } = world();
  control.given('key-watch', aWatch({ dueAt: LATER }));
  kms.unwrapAnswers(...answers);

  await assessKey(signal(fields), ports);
  expect(watch()).toMatchObject({ availability: 'available', dueAt });

  kms.unwrapAnswers('ok');
  const soon = { ...ports, clock: { now: () => SOON } };
  await probeKeys(soon);
  expect(watch()?.dueAt).toBe(dueAt === SOON ? nextLookAt(aWatch(), true, SOON) : LATER);
  expect(control.outbox).toEqual([]);
});

test('a look that shows no change puts a probe that is due off to when KMS shows it, and one in flight loses to it', async () => {
  const { control, ports, watch } = world();
  control.given('key-watch', aWatch({ dueAt: NOW }));
  const before = watch()?.revision ?? 0;

  await assessKey(signal(), ports);

  expect(watch()).toMatchObject({ dueAt: SOON, revision: before + 1 });
});

test('one failure that the next look does not find is no loss', async () => {
  const { control, kms, ports } = world();
  kms.unwrapAnswers('kms.access-denied', 'ok', 'ok');

  await assessKey(signal(), ports);

  expect(control.all('incident')).toEqual([]);
});

test('a key whose looks never agree is left as it was, after a bounded number of looks', async () => {
  const { control, kms, ports } = world();
  kms.unwrapAnswers('kms.access-denied', 'ok', 'kms.access-denied', 'ok', 'kms.access-denied', 'ok');

  await assessKey(signal(), ports);

  expect(control.outbox).toEqual([]);
  expect(kms.unwraps()).toBe(4);
});

test.each<ErrorCode>(['kms.throttled', 'kms.unreachable', 'kms.key-unavailable', 'sts.unreachable'])(
  '%s is never taken for a revocation',
  async (code) => {
    const { control, kms, ports } = world();
    kms.unwrapAnswers(code);

    await assessKey(signal(), ports);

    expect(control.outbox).toEqual([]);
    expect(control.all('key-watch')[0]?.availability).toBe('available');
  },
);

test('a mistake in our own permissions tells nothing of the key: it is counted, and never taken for a revocation', async () => {
  const { control, kms, ports } = world();
  control.given('kms-key', aKmsKey({ option: 'customer-managed' }));
  kms.unwrapAnswers('kms.access-denied');
  kms.denyWith({ refusedBy: 'identity', isExplicit: false });

  await assessKey(signal(), ports);

  expect(control.all('incident')).toEqual([]);
  expect(control.outbox).toEqual([]);
  expect(control.all('key-watch')).toMatchObject([{ availability: 'available', cannotTellSince: NOW }]);
  expect(control.all('blind-spot')).toMatchObject([{ trouble: 'own-permissions', subject: 'eu-central-1', looks: 1 }]);
});

test('a policy of one key of ours that refuses us is the loss of that key, by our own hand', async () => {
  const { control, kms, ports } = world();
  kms.unwrapAnswers('kms.access-denied');
  kms.denyWith({ refusedBy: 'resource', isExplicit: true });

  await assessKey(signal(), ports);

  expect(control.all('incident')).toMatchObject([{ state: 'open', cause: 'key-policy', party: 'provider' }]);
});

test('a customer who takes a permission off the role that they opened to us is noticed, and named', async () => {
  const { control, kms, ports } = world();
  const access = { via: 'role', roleArn: 'arn:aws:iam::444455556666:role/keywright-use', externalId: 'e' } as const;
  control.given('kms-key', aKmsKey({ option: 'customer-managed', access }));
  kms.unwrapAnswers('kms.access-denied');
  kms.denyWith({ refusedBy: 'identity', isExplicit: false });

  await assessKey(signal(), ports);

  expect(control.all('incident')).toMatchObject([{ state: 'open', cause: 'role-permissions', party: 'customer' }]);
});

test('the key’s return closes the incident it opened once it was quiet, and a new loss opens another', async () => {
  const { control, kms, ports, watch, factsOf, quiet } = world();
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');
  await assessKey(signal(), ports);

  kms.unwrapAnswers('ok');
  kms.keyStateIs('Enabled');
  await assessKey(signal(), ports);
  const back = watch();
  await quiet();
  const closed = control.all('incident');
  const afterReturn = watch();
  kms.unwrapAnswers('kms.access-denied');
  kms.denyWith({ refusedBy: 'resource', isExplicit: true });
  await assessKey(signal(), ports);

  expect(closed).toMatchObject([{ state: 'closed', recoveredAt: NOW }]);
  expect(back).toMatchObject({ availability: 'available', openIncidentId: closed[0]?.incidentId });
  expect(afterReturn).not.toHaveProperty('openIncidentId');
  expect(factsOf(incidentClosed.detailType)).toHaveLength(1);
  expect(factsOf(incidentOpened.detailType)).toHaveLength(2);
  expect(control.all('incident').filter(({ state }) => state === 'open')).toHaveLength(1);
});

test('another cause of the same loss is noted in the open incident, and pages nobody again', async () => {
  const { control, kms, ports, factsOf } = world();
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');
  await assessKey(signal(), ports);

  kms.keyStateIs('PendingDeletion');
  await assessKey(signal(), ports);

  expect(control.all('incident')).toMatchObject([{ state: 'open', cause: 'key-pending-deletion' }]);
  expect(factsOf(incidentOpened.detailType)).toHaveLength(1);
});

test('the deadline of a cause that is over is not told of the one that is left', async () => {
  const { control, kms, ports } = world();
  kms.unwrapAnswers('kms.key-pending-deletion');
  kms.keyStateIs('PendingDeletion', { deletionDate: '2026-12-01T00:00:00.000Z' });
  await assessKey(signal(), ports);
  const before = control.all('incident');

  kms.unwrapAnswers('kms.access-denied');
  kms.denyWith({ refusedBy: 'resource', isExplicit: true });
  kms.keyStateIs('Enabled');
  await assessKey(signal(), ports);

  expect(before).toMatchObject([{ recoverableUntil: '2026-12-01T00:00:00.000Z' }]);
  expect(control.all('incident')).toMatchObject([{ state: 'open', cause: expect.not.stringMatching('deletion') }]);
  expect(control.all('incident')[0]).not.toHaveProperty('recoverableUntil');
});

test('a customer who takes the key while we keep ourselves out is paged, and over is only what we saw to be over', async () => {
  const { control, kms, ports, watch, factsOf, quiet } = world();
  control.given('kms-key', aKmsKey({ option: 'customer-managed' }));
  kms.unwrapAnswers('kms.access-denied');
  kms.denyWith({ refusedBy: 'identity', isExplicit: false });
  await assessKey(signal(), ports);

  kms.keyStateIs('Disabled');
  await assessKey(signal(), ports);
  kms.keyStateIs('Enabled');
  await assessKey(signal(), ports);
  const whileBlind = control.all('incident');
  const blind = watch();
  kms.unwrapAnswers('ok');
  await assessKey(signal(), ports);
  await quiet();

  expect(whileBlind).toMatchObject([{ state: 'open', party: 'customer', cause: 'key-disabled' }]);
  expect(blind).toMatchObject({ availability: 'unavailable', cannotTellSince: NOW });
  expect(control.all('incident')).toMatchObject([{ state: 'closed', recoveredAt: NOW }]);
  expect(factsOf(incidentOpened.detailType)).toHaveLength(1);
  expect(factsOf(incidentClosed.detailType)).toHaveLength(1);
  expect(watch()).toMatchObject({ availability: 'available' });
  expect(watch()).not.toHaveProperty('cannotTellSince');
});

test('a loss whose hand was not known is the same loss once it is', async () => {
  const { control, kms, ports } = world();
  control.given('kms-key', aKmsKey({ option: 'customer-managed' }));
  kms.unwrapAnswers('kms.access-denied');
  await assessKey(signal(), ports);
  const before = control.all('incident');

  kms.denyWith({ refusedBy: 'resource', isExplicit: true });
  await assessKey(signal(), ports);

  expect(before).toMatchObject([{ cause: 'access-denied', party: 'unknown' }]);
  expect(control.all('incident')).toMatchObject([{ state: 'open', cause: 'key-policy', party: 'customer' }]);
});

test('how far the cause is known stands on the incident, as it was found last', async () => {
  const { control, kms, ports } = world();
  control.given('kms-key', aKmsKey({ option: 'customer-managed' }));
  kms.unwrapAnswers('kms.access-denied');
  const known: unknown[] = [];

  for (const refusedBy of ['resource', 'unknown'] as const) {
    kms.denyWith({ refusedBy, isExplicit: true });
    await assessKey(signal(), ports);
    known.push(...ofKeys(control.all('incident')).map(({ confidence }) => confidence));
  }

  expect(known).toEqual(['confirmed', 'unknown']);
});

test('an incident of ours that was opened for the key, as an older build did, is followed by the customer’s', async () => {
  const { control, kms, ports } = world();
  control.given('kms-key', aKmsKey({ option: 'customer-managed' }));
  const ours = { cause: 'own-permissions', party: 'provider' } as const;
  control.given('incident', anIncident({ ...ours, beganAtRisk: true, revision: 1 }));
  const verdict = { availability: 'at-risk', evidence: '', at: NOW, ...ours } as const;
  control.given('key-watch', aWatch({ availability: 'at-risk', verdict, openIncidentId: 'incident-1' }));
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');

  await assessKey(signal(), ports);

  expect(control.all('incident')).toMatchObject([
    { cause: 'key-disabled', party: 'customer', state: 'open', follows: 'incident-1' },
    { incidentId: 'incident-1', state: 'closed', followedBy: expect.any(String) },
  ]);
});

test('while it is not known whose act a loss is, nobody is named, though somebody was', async () => {
  const { control, kms, ports } = world();
  control.given('kms-key', aKmsKey({ option: 'customer-managed' }));
  kms.unwrapAnswers('kms.access-denied');

  for (const refusedBy of ['resource', 'unknown']) {
    kms.denyWith({ refusedBy, isExplicit: true });
    await assessKey(signal(), ports);
  }

  expect(control.all('incident')).toMatchObject([{ party: 'unknown' }]);
});

test('a signal about a key that nobody registered is ignored', async () => {
  const { ports, control } = world();

  await assessKey({ ...signal(), kmsKeyArn: anArn('unknown') }, ports);

  expect(control.outbox).toEqual([]);
});

test('two assessments at the same time open one incident', async () => {
  const { control, kms, ports, factsOf } = world();
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');

  await Promise.all([assessKey(signal(), ports), assessKey(signal(), ports)]);

  expect(control.all('incident')).toHaveLength(1);
  expect(factsOf(incidentOpened.detailType)).toHaveLength(1);
});

test('a key that we took out of use ourselves is not missed', async () => {
  const { control, kms, ports } = world();
  control.given('kms-key', aKmsKey({ state: 'disabled' }));
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');

  await assessKey(signal(), ports);

  expect(control.outbox).toEqual([]);
});

describe('the page that an incident is owed', () => {
  const lost = async () => {
    const life = world();
    life.kms.unwrapAnswers('kms.key-disabled');
    life.kms.keyStateIs('Disabled');
    await assessKey(signal(), life.ports);
    const recover = async () => {
      life.kms.unwrapAnswers('ok');
      life.kms.keyStateIs('Enabled');
      await assessKey(signal(), life.ports);
      await life.quiet();
    };
    return { ...life, recover, due: () => life.control.due('incident', after(30_000), 10) };
  };

  test('is due as soon as it opens', async () => {
    expect(await (await lost()).due()).toMatchObject([{ state: 'open', dueAt: NOW }]);
  });

  test('is due no longer when it is over and nobody was paged', async () => {
    const { recover, due } = await lost();

    await recover();

    expect(await due()).toEqual([]);
  });

  test('is due once more when it is over and somebody was', async () => {
    const { control, recover, due } = await lost();
    for (const { dueAt: _out, ...incident } of await due()) control.given('incident', { ...incident, pagedAt: NOW });

    await recover();

    expect(await due()).toMatchObject([{ state: 'closed', pagedAt: NOW, dueAt: SOON }]);
  });

  test.each([
    ['once', 'somebody was paged for the first', { pagedAt: NOW }],
    ['not at all', 'nobody was paged', { pagedAt: undefined } as never],
  ])('tells %s that incidents which followed each other are over, when %s', async (_times, _title, woken) => {
    const { control, kms, ports, recover, due } = await lost();
    control.given('kms-key', aKmsKey({ option: 'customer-managed' }));
    for (const { dueAt: _out, ...incident } of await due())
      control.given('incident', { ...ofKeys([incident])[0], beganAtRisk: true, ...woken } as KeyIncident);
    kms.keyStateIs('PendingDeletion');
    await assessKey(signal(), ports);

    await recover();

    const last = { state: 'closed', party: 'customer', recoveredAt: NOW };
    expect(control.all('incident')).toHaveLength(2);
    expect(await due()).toMatchObject(woken.pagedAt ? [last] : []);
  });
});

test.each(['kms:Decrypt', 'kms:DescribeKey'])(
  'that %s is lost is over once a look has done it, where the policy does not tell any more',
  async (action) => {
    const { control, kms, ports, watch } = world();
    const allow = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };
    kms.policyIs({ Version: '2012-10-17', Statement: [allow, { ...allow, Effect: 'Deny', Action: action }] });
    await assessKey(signal(), ports);
    expect(watch()).toMatchObject({ availability: 'at-risk', verdict: { lost: [{ action }] } });

    const inDoubt = { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } };
    kms.policyIs({ Version: '2012-10-17', Statement: { ...allow, Condition: inDoubt } });
    await assessKey(signal(), ports);

    expect(watch()).toMatchObject({ availability: 'available' });
    expect(control.all('incident')).toMatchObject([{ state: 'recovering' }]);
  },
);
