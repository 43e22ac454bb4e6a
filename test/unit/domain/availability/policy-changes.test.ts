/** A key whose policy is changed while it still unwraps: what is believed, who is told, and when it is over. */

import { incidentClosed } from '../../../../events/incident-closed';
import { incidentOpened } from '../../../../events/incident-opened';
import { type KeySignalReceived, keySignalReceived } from '../../../../events/key-signal-received';
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import { isKeys } from '../../../../shared/domain/availability/incidents/incident';
import { owedPage } from '../../../../shared/domain/availability/paging/owed-page';
import { pageOf } from '../../../../shared/domain/availability/paging/page-text';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { settleIncidents } from '../../../../shared/domain/availability/settle-incidents';
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
  READER,
  silentLog,
} from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { scriptedKms } from '../../../support/scripted-kms';

const THEIRS = '444455556666';
const kmsKeyArn = anArn('theirs', THEIRS);
const observer = { roleArn: `arn:aws:iam::${THEIRS}:role/keywright-observer`, externalId: 'e' };

const policyWith = (...actions: readonly string[]) => ({
  Version: '2012-10-17',
  Statement: [
    { Sid: 'WeDecide', Effect: 'Allow', Principal: { AWS: THEIRS }, Action: 'kms:*', Resource: '*' },
    { Sid: 'ProviderUses', Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: actions, Resource: '*' },
  ],
});
const WHOLE = policyWith('kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncrypt*');
const DECRYPT_ONLY = policyWith('kms:Decrypt');

function world() {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey({ kmsKeyArn, option: 'customer-managed', observer }));
  control.given('key-watch', aWatch({ kmsKeyArn, dueAt: NOW }));
  control.given('customer', aCustomer());
  control.given('data-store', aDataStore({ kmsKeyArn }));
  const kms = scriptedKms();
  kms.policyIs(WHOLE);
  const ports = {
    control,
    ...kms,
    clock: { now: () => NOW },
    ids: countedIds(),
    pause: { wait: async () => {} },
    log: silentLog,
  };
  const signal = (kind: KeySignalReceived['signal'] = 'customer-event') => {
    const observed = 'PutKeyPolicy in account 444455556666';
    return assessKey(
      keySignalReceived.read({ factId: 'one', at: NOW, kmsKeyArn, signal: kind, observed, signalledAt: NOW }),
      ports,
    );
  };
  const count = (detailType: string) => control.outbox.filter((fact) => fact.detailType === detailType).length;
  /** The key has stayed for as long as it has to. */
  const quiet = () => settleIncidents({ ...ports, clock: { now: () => after(30_000) } });
  return { control, kms, ports, signal, quiet, count, watch: () => control.all('key-watch')[0] };
}

test('what is lost is told once, with the statement at fault, and over when the policy allows it again', async () => {
  const { control, kms, signal, quiet, count, watch } = world();
  kms.policyIs(DECRYPT_ONLY);
  await signal();
  await signal();
  await signal('probe');

  const lost = ['kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'].map((action) => ({
    action,
    statement: 'ProviderUses',
    isExplicit: false,
  }));
  expect(control.all('incident')).toMatchObject([{ state: 'open', cause: 'key-policy', party: 'customer', lost }]);
  expect(watch()).toMatchObject({ availability: 'at-risk', verdict: { lost } });
  expect(count(incidentOpened.detailType)).toBe(1);

  kms.policyIs(WHOLE);
  await signal();
  await signal();
  await quiet();

  expect(control.all('incident')).toMatchObject([{ state: 'closed', recoveredAt: NOW }]);
  expect(watch()).toMatchObject({ availability: 'available' });
  expect(watch()?.verdict).not.toHaveProperty('lost');
  expect(count(incidentClosed.detailType)).toBe(1);
});

test.each(['customer-event', 'own-failure', 'probe'] as const)('a %s alone is enough to find it', async (kind) => {
  const { control, kms, signal } = world();
  kms.policyIs(DECRYPT_ONLY);
  await signal(kind);
  expect(control.all('incident')).toMatchObject([{ cause: 'key-policy' }]);
});

test('no event is needed: a probe reads the policy too, signals once what is news, and comes soon while it lasts', async () => {
  const { control, kms, ports, signal, count, watch } = world();
  kms.policyIs(DECRYPT_ONLY);
  await probeKeys(ports);
  expect(count(keySignalReceived.detailType)).toBe(1);
  expect(control.all('incident')).toEqual([]);

  await signal('probe');
  await probeKeys(ports);
  expect(count(keySignalReceived.detailType)).toBe(1);
  expect(watch()?.dueAt).toBe(after(30_000));

  kms.policyIs(WHOLE);
  await probeKeys({ ...ports, clock: { now: () => after(60_000) } });
  expect(count(keySignalReceived.detailType)).toBe(2);
});

test('the event is a hint: what it tells of a policy that allows everything changes nothing', async () => {
  const { control, signal } = world();
  await signal();
  expect(control.outbox).toEqual([]);
});

test.each(['kms.access-denied', 'kms.unreachable'] as const)(
  'while the policy cannot be read (%s) nothing begins and nothing ends',
  async (code) => {
    const { control, kms, ports, signal, watch } = world();
    kms.policyIs(code);
    await signal();
    expect(control.all('incident')).toEqual([]);

    kms.policyIs(DECRYPT_ONLY);
    await signal();
    kms.policyIs(code);
    for (const action of ['kms:GenerateDataKey', 'kms:ReEncryptFrom'] as const) kms.proofAnswers(action, code);
    await signal();
    await probeKeys(ports);
    expect(control.all('incident')).toMatchObject([{ state: 'open', lost: expect.any(Array) }]);
    expect(watch()?.availability).toBe('at-risk');
  },
);

test('more that is lost is noted in the open incident, and pages nobody again', async () => {
  const { control, kms, signal, count } = world();
  kms.policyIs(policyWith('kms:Decrypt', 'kms:GenerateDataKey'));
  await signal();
  kms.policyIs(DECRYPT_ONLY);
  await signal();

  expect(ofKeys(control.all('incident'))[0]?.lost).toHaveLength(3);
  expect(count(incidentOpened.detailType)).toBe(1);
});

describe('what KMS refuses and the policy, as we read it, allows', () => {
  const refused = [{ action: 'kms:GenerateDataKey', refusedBy: 'unknown', isExplicit: false }];

  test('is paged once as a loss of part, with the actions, and by nobody whom AWS does not name', async () => {
    const { control, kms, signal, count, watch } = world();
    kms.proofAnswers('kms:GenerateDataKey', 'kms.access-denied');
    await signal('own-failure');
    await signal('probe');

    const ours = { cause: 'partial-loss', party: 'unknown', lost: refused };
    expect(control.all('incident')).toMatchObject([{ state: 'open', ...ours }]);
    expect(watch()).toMatchObject({ availability: 'at-risk', verdict: { ...ours, confidence: 'unknown' } });
    expect(count(incidentOpened.detailType)).toBe(1);

    kms.proofAnswers('kms:GenerateDataKey', 'ok');
    await signal('probe');
    expect(control.all('incident')).toMatchObject([{ state: 'closed' }]);
  });

  test.each([
    [{ refusedBy: 'resource' }, 'key-policy', 'customer'],
    [{ refusedBy: 'resource-control' }, 'customer-rcp', 'customer'],
  ])('is by whose policy AWS names: %j', async (details, cause, party) => {
    const { control, kms, signal } = world();
    kms.proofAnswers('kms:ReEncryptTo', 'kms.access-denied', details);
    await signal('probe');
    expect(control.all('incident')).toMatchObject([
      { cause, party, lost: [{ action: 'kms:ReEncryptTo', ...details }] },
    ]);
  });

  test('is one loss with what the policy takes: the second to be seen pages nobody again', async () => {
    const { control, kms, signal, count } = world();
    kms.policyIs(policyWith('kms:Decrypt', 'kms:GenerateDataKey'));
    await signal();
    kms.proofAnswers('kms:GenerateDataKey', 'kms.access-denied');
    await signal('probe');

    expect(count(incidentOpened.detailType)).toBe(1);
    expect(
      control
        .all('incident')
        .find(isKeys)
        ?.lost?.map(({ action }) => action),
    ).toEqual(['kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey']);
  });

  test('the page names it, and who is to be asked', async () => {
    const { control, kms, signal } = world();
    kms.proofAnswers('kms:GenerateDataKey', 'kms.access-denied');
    await signal('probe');
    const [incident] = control.all('incident');
    if (!incident) throw new Error('no incident');

    const { subject, body } = pageOf(incident, 'opened', READER);
    expect(subject).toBe("Acme Ltd's key serves, but we may no longer do all that we need: 1 data store at stake");
    expect(body).toMatch(/- kms:GenerateDataKey: nothing new can be protected; KMS refused the call and did not say/);
    expect(body).toMatch(/Next step: +Look at our last deployment first/);
  });
});

describe('a loss that grows to the whole key', () => {
  const whole = async ({ kms, signal }: ReturnType<typeof world>) => {
    kms.policyIs(policyWith());
    kms.unwrapAnswers('kms.access-denied');
    await signal();
  };
  const partial = async ({ kms, signal }: ReturnType<typeof world>) => {
    kms.policyIs(DECRYPT_ONLY);
    kms.unwrapAnswers('ok');
    await signal();
  };

  test('is another incident: nobody was told that anything stops', async () => {
    const life = world();
    await partial(life);
    await whole(life);

    const [first, second] = life.control.all('incident');
    expect(first).toMatchObject({ state: 'closed', followedBy: second?.incidentId });
    expect(second).toMatchObject({ state: 'open', follows: first?.incidentId, cause: 'key-policy', party: 'customer' });
    expect(second?.evidence).toContain('kms:Decrypt');
    expect(second).not.toHaveProperty('lost');
    expect(life.count(incidentOpened.detailType)).toBe(2);
  });

  test('also where AWS does not say who refused and the policy cannot be read', async () => {
    const life = world();
    await partial(life);
    life.kms.policyIs('kms.unreachable');
    life.kms.unwrapAnswers('kms.access-denied');
    await life.signal();
    expect(life.control.all('incident')).toMatchObject([
      { state: 'closed' },
      { state: 'open', cause: 'access-denied' },
    ]);
  });

  test('is told once, however often it goes back and forth, and over once', async () => {
    const life = world();
    await partial(life);
    for (let time = 0; time < 3; time += 1) {
      await whole(life);
      await partial(life);
    }
    expect(life.control.all('incident')).toHaveLength(2);

    life.kms.policyIs(WHOLE);
    await life.signal();
    await life.quiet();
    const closed = life.control.all('incident');
    expect(closed.map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(closed.map(owedPage)).toEqual([undefined, undefined]);
    expect(closed[1]).not.toHaveProperty('lost');
    expect(life.count(incidentClosed.detailType)).toBe(1);
  });
});

test('our own key that somebody disables while our role is refused stops what depends on it: that is told too', async () => {
  const { control, kms, signal, count } = world();
  control.given('kms-key', aKmsKey({ kmsKeyArn }));
  kms.unwrapAnswers('kms.access-denied');
  kms.denyWith({ refusedBy: 'identity', isExplicit: false });
  await signal();
  kms.keyStateIs('Disabled');
  await signal();

  expect(control.all('incident')).toMatchObject([{ cause: 'key-disabled', party: 'provider' }]);
  expect(count(incidentOpened.detailType)).toBe(1);
});

test('a grant that made up for the policy and is revoked is a loss like any other', async () => {
  const { control, kms, signal } = world();
  kms.policyIs(policyWith('kms:Decrypt', 'kms:ReEncrypt*'));
  kms.grantsAre([{ grantee: 'arn:aws:iam::111122223333:root', operations: ['GenerateDataKey'] }]);
  await signal();
  expect(control.all('incident')).toEqual([]);

  kms.grantsAre([]);
  await signal();
  expect(control.all('incident')).toMatchObject([{ cause: 'key-policy', lost: [{ action: 'kms:GenerateDataKey' }] }]);
});

test('the page names what is lost, what comes of it, and the statement', async () => {
  const { control, kms, signal } = world();
  kms.policyIs(DECRYPT_ONLY);
  await signal();
  const [incident] = ofKeys(control.all('incident'));
  if (!incident) throw new Error('no incident');

  const { subject, body } = pageOf(incident, 'opened', READER);
  expect(subject).toBe(
    "Acme Ltd's key serves, but its policy no longer allows all that we need: 1 data store at stake",
  );
  expect(body).toMatch(
    /- kms:GenerateDataKey: nothing new can be protected; statement "ProviderUses" does not cover it/,
  );
  expect(body).toMatch(/- kms:ReEncryptTo: /);
  expect(body).toMatch(/Whose act: +the customer’s/);
  expect(body).toMatch(/At stake: +1 data store of Acme Ltd/);
  expect(body).not.toMatch(/Stopped:/);
  for (const line of body.split('\n').slice(2)) expect(line).toMatch(/^([A-Z][a-z ]+: +| {12})\S/);

  const ours = pageOf({ ...incident, party: 'provider' }, 'opened', READER).body;
  expect(ours).toMatch(/Find out who changed the policy of our key/);
  expect(ours).not.toMatch(/[Aa]sk the (customer|key’s owner)/);

  const over = pageOf({ ...incident, state: 'closed', recoveredAt: NOW }, 'closed', READER);
  expect(over.subject).toBe("Over: Acme Ltd's key allows all that we need again");
  expect(over.body).toMatch(/^At risk: +from/m);
});
