/** What applications are told of a lost key follows its watch: with the verdict, and in the same transaction. */
import { keySignalReceived } from '../../../../events/key-signal-received';
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import { endWatch } from '../../../../shared/domain/availability/end-watch';
import { isNoticed, withNotice } from '../../../../shared/domain/availability/loss-notice';
import { aDataStore, aKmsKey, anArn, aWatch, countedIds, NOW, silentLog } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { scriptedKms } from '../../../support/scripted-kms';

const LOSS = { cause: 'key-disabled', since: NOW } as const;
const LOST = aWatch({
  availability: 'unavailable',
  verdict: { availability: 'unavailable', cause: 'key-disabled', party: 'provider', evidence: '', at: NOW },
});

const SIGNAL = keySignalReceived.read({
  factId: 'signal-1',
  at: NOW,
  kmsKeyArn: anArn(),
  signal: 'probe',
  observed: 'unwrap',
  signalledAt: NOW,
});

function world(key = aKmsKey(), watch = aWatch()) {
  const control = memoryControlStore();
  control.given('kms-key', key);
  control.given('key-watch', watch);
  control.given('data-store', aDataStore());
  const kms = scriptedKms();
  const pause = { wait: async () => undefined };
  const ports = { control, ...kms, clock: { now: () => NOW }, ids: countedIds(), pause, log: silentLog };
  return { control, kms, ports, key: () => control.all('kms-key')[0] };
}

function disabled() {
  const made = world();
  made.kms.unwrapAnswers('kms.key-disabled');
  made.kms.keyStateIs('Disabled');
  return made;
}

test('the verdict that a key is lost stands on its row; the verdict that it is back takes it away', async () => {
  const { kms, ports, key } = disabled();

  await assessKey(SIGNAL, ports);
  expect(key()?.loss).toEqual(LOSS);

  kms.unwrapAnswers('ok');
  kms.keyStateIs('Enabled');
  await assessKey(SIGNAL, ports);
  expect(key()).not.toHaveProperty('loss');
});

test('a verdict and its notice are written together or not at all', async () => {
  const { control, ports, key } = disabled();
  const commit: typeof control.commit = async (change) => {
    // Somebody else writes the key in between, once.
    if (control.all('key-watch')[0]?.revision === 0 && key()?.revision === 0)
      control.given('kms-key', aKmsKey({ revision: 1 }));
    await control.commit(change);
  };

  await assessKey(SIGNAL, { ...ports, control: { ...control, commit } });

  expect(control.all('key-watch')[0]?.availability).toBe('unavailable');
  expect(key()?.loss).toEqual(LOSS);
  expect(control.all('incident')).toHaveLength(1);
});

test('what is at risk, or what nobody can tell, is told to no application', async () => {
  const atRisk = world();
  atRisk.kms.proofAnswers('kms:GenerateDataKey', 'kms.access-denied', { refusedBy: 'resource' });
  await assessKey(SIGNAL, atRisk.ports);
  expect(atRisk.control.all('key-watch')[0]?.availability).toBe('at-risk');

  const outage = world();
  outage.kms.unwrapAnswers('kms.unreachable');
  await assessKey(SIGNAL, outage.ports);

  for (const { key } of [atRisk, outage]) expect(key()).not.toHaveProperty('loss');
});

test('a notice that an earlier build left out, or left there, is put right by the next look', async () => {
  const missing = world(aKmsKey(), LOST);
  missing.kms.unwrapAnswers('kms.key-disabled');
  missing.kms.keyStateIs('Disabled');
  await assessKey(SIGNAL, missing.ports);
  expect(missing.key()?.loss).toEqual(LOSS);
  expect(missing.control.outbox).toEqual([]);

  const left = world(aKmsKey({ loss: LOSS }));
  await assessKey(SIGNAL, left.ports);
  expect(left.key()).not.toHaveProperty('loss');
});

test('of a key that we took out of use ourselves nothing is told any more', async () => {
  const key = aKmsKey({ state: 'disabled', loss: LOSS });
  const { ports, key: now } = world(key, LOST);

  await endWatch(key, LOST, ports);

  expect(now()).not.toHaveProperty('loss');
});

test('another cause, or another time, is another notice', () => {
  const key = withNotice(aKmsKey(), LOST);

  expect(isNoticed(key, LOST)).toBe(true);
  expect(isNoticed(key, { ...LOST, since: '2026-11-25T00:00:00.000Z' })).toBe(false);
  expect(isNoticed(key, { ...LOST, verdict: { ...LOST.verdict, cause: 'key-deleted' } })).toBe(false);
  expect(isNoticed(aKmsKey(), LOST)).toBe(false);
});
