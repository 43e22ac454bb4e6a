import { assessKey } from '../../../../shared/domain/availability/assess-key';
import { nextLookAt } from '../../../../shared/domain/availability/next-look';
import { noteLook } from '../../../../shared/domain/availability/note-look';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { aCustomer, after, aKmsKey, anArn, aWatch, countedIds, NOW, silentLog } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { scriptedKms } from '../../../support/scripted-kms';

function world(fields: Parameters<typeof aKmsKey>[0] = {}) {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey(fields));
  control.given('key-watch', aWatch());
  const kms = scriptedKms();
  let now = NOW;
  const clock = { now: () => now };
  const pause = { wait: async () => undefined };
  const ports = { control, ...kms, clock, ids: countedIds(), pause, log: silentLog };
  return {
    control,
    kms,
    ports,
    spot: () => control.all('blind-spot')[0],
    watch: () => control.all('key-watch')[0],
    pass: (ms: number) => {
      now = after(ms, now);
    },
  };
}

const signal = {
  factId: 's',
  at: NOW,
  kmsKeyArn: anArn(),
  signal: 'own-failure',
  observed: 'x',
  signalledAt: NOW,
} as const;

test('probes that tell nothing are counted from the first one on, and believed of no key', async () => {
  const it = world();
  it.kms.unwrapAnswers('kms.unreachable');

  for (let run = 0; run < 4; run += 1) {
    await probeKeys(it.ports);
    it.pass(60_000);
  }

  expect(it.spot()).toMatchObject({ trouble: 'kms-outage', subject: 'eu-central-1', since: NOW, looks: 4, dueAt: NOW });
  expect(it.watch()).toMatchObject({ availability: 'available', cannotTellSince: NOW });
  expect(it.control.outbox).toEqual([]);
});

test('a look that tells ends the count, and another trouble later begins anew', async () => {
  const it = world();
  it.kms.unwrapAnswers('kms.throttled');
  await probeKeys(it.ports);
  it.kms.unwrapAnswers('ok');
  it.pass(300_000);

  await probeKeys(it.ports);

  expect(it.spot()).not.toHaveProperty('dueAt');
  expect(it.watch()).not.toHaveProperty('cannotTellSince');
  it.kms.unwrapAnswers('sts.unreachable');
  it.pass(300_000);
  await probeKeys(it.ports);
  expect(it.spot()).toMatchObject({ since: after(600_000), looks: 1 });
});

test('trouble that changes its face is one time out of sight', async () => {
  const it = world();
  it.kms.unwrapAnswers('kms.unreachable', 'kms.unsupported');
  await probeKeys(it.ports);
  it.pass(60_000);

  await probeKeys(it.ports);

  expect(it.spot()).toMatchObject({ trouble: 'cannot-tell', since: NOW, looks: 2 });
});

test('an assessment that cannot tell counts too, and one that can ends the count with its verdict', async () => {
  const it = world();
  it.kms.unwrapAnswers('kms.unreachable');
  await assessKey(signal, it.ports);
  expect(it.spot()).toMatchObject({ looks: 1, dueAt: NOW });

  it.kms.unwrapAnswers('kms.key-disabled');
  it.kms.keyStateIs('Disabled');
  await assessKey(signal, it.ports);

  expect(it.spot()).not.toHaveProperty('dueAt');
  expect(it.control.all('incident')).toMatchObject([{ cause: 'key-disabled' }]);
  expect(it.watch()).not.toHaveProperty('cannotTellSince');
});

test('looks that never agree are counted as looks that tell nothing', async () => {
  const it = world();
  it.kms.denyWith({ refusedBy: 'resource' });
  it.kms.unwrapAnswers('kms.access-denied', 'ok', 'kms.access-denied', 'ok', 'kms.access-denied', 'ok');

  await assessKey(signal, it.ports);

  expect(it.spot()).toMatchObject({ trouble: 'cannot-tell', evidence: 'looks at the key disagree' });
});

test.each([
  ['throttled', true],
  ['unreachable', false],
] as const)(
  'after %s the key waits as one that is well: %s. What KMS has too much of is not asked more often',
  async (code, isWell) => {
    const it = world();
    it.kms.unwrapAnswers(`kms.${code}`);

    await probeKeys(it.ports);

    expect(it.watch()?.dueAt).toBe(nextLookAt(it.watch() ?? aWatch(), isWell, NOW));
  },
);

test('a quota is of the account that calls: a customer’s role has another than we', async () => {
  const roleArn = 'arn:aws:iam::444455556666:role/keywright-use';
  const { ports } = world();
  const key = aKmsKey({ access: { via: 'role', roleArn, externalId: 'e' } });
  const throttled = { availability: 'unknown', cause: 'throttled', says: 'KMS throttles our calls' } as const;

  const { writes } = await noteLook(aWatch(), throttled, key, ports);

  expect(writes).toMatchObject([{ row: { subject: 'eu-central-1 of account 444455556666' } }]);
});

test('a look that tells of a key that was in sight costs no read', async () => {
  const it = world();
  const find = () => Promise.reject(new Error('read'));

  const noted = await noteLook(aWatch(), { availability: 'available', says: '' }, aKmsKey(), {
    ...it.ports,
    control: { find },
  });

  expect(noted.writes).toEqual([]);
});

test.each(['kms.throttled', 'kms.unreachable', 'kms.access-denied'] as const)(
  'while looks hear %s, a key whose state can still be read is the customer’s loss, and no other key is',
  async (code) => {
    const it = world({ option: 'customer-managed' });
    it.control.given('customer', aCustomer());
    it.kms.unwrapAnswers(code);
    it.kms.denyWith({ refusedBy: 'identity', isExplicit: false });
    await assessKey(signal, it.ports);
    expect(it.control.all('incident')).toEqual([]);

    it.kms.keyStateIs('Disabled');
    await assessKey(signal, it.ports);

    expect(it.control.all('incident')).toMatchObject([{ cause: 'key-disabled', party: 'customer', state: 'open' }]);
    expect(it.spot()).not.toHaveProperty('dueAt');
  },
);
