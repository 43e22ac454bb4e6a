/** Nothing but probes, a run a minute on a clock of its own: how long until a loss and a return are known. */
import { keySignalReceived } from '../../../../events/key-signal-received';
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import type { Evidence } from '../../../../shared/domain/availability/key-evidence';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import type { ErrorCode } from '../../../../shared/domain/errors';
import { aDataStore, after, aKmsKey, anArn, aWatch, countedIds, noPause, silentLog } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { randomOf } from '../../../support/random';
import { scriptedKms } from '../../../support/scripted-kms';

const MINUTE_MS = 60_000;
const EVERY_MS = 5 * MINUTE_MS;

function world(kmsKeyArn = anArn()) {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey({ kmsKeyArn, option: 'customer-managed' }));
  control.given('key-watch', aWatch({ kmsKeyArn }));
  control.given('data-store', aDataStore({ kmsKeyArn }));
  const kms = scriptedKms();
  const time = { ms: 0 };
  const clock = { now: () => after(time.ms) };
  const ports = { control, ...kms, clock, ids: countedIds(), pause: noPause, log: silentLog };
  let assessed = 0;
  /** One run of the probes, and the assessments that it asks for, some of which are lost. */
  const minute = async (isLost = () => false) => {
    await probeKeys(ports);
    for (; assessed < control.outbox.length; assessed += 1) {
      const fact = control.outbox[assessed];
      if (fact?.detailType === keySignalReceived.detailType && !isLost())
        await assessKey(keySignalReceived.read(fact.detail), ports);
    }
    time.ms += MINUTE_MS;
  };
  const availability = () => control.all('key-watch')[0]?.availability;
  /** How long until it is believed, in milliseconds of the clock. */
  const until = async (wanted: Evidence['keyState'], isLost?: () => boolean) => {
    const begunMs = time.ms;
    while (availability() !== wanted) {
      if (time.ms - begunMs > 60 * MINUTE_MS) throw new Error(`never ${wanted}`);
      await minute(isLost);
    }
    return time.ms - begunMs;
  };
  const answers = (code: ErrorCode | 'ok') => {
    kms.unwrapAnswers(code);
    kms.keyStateIs(code === 'kms.key-disabled' ? 'Disabled' : 'Enabled');
  };
  return { control, kms, time, minute, until, answers, availability };
}

const ARNS = Array.from({ length: 20 }, (_, at) => anArn(`key-${at}`));

test.each(ARNS)(
  '%s is known to be lost within its interval and a minute, and to be back within two',
  async (kmsKeyArn) => {
    const { minute, until, answers } = world(kmsKeyArn);
    for (let minutes = 0; minutes < 7; minutes += 1) await minute();

    answers('kms.key-disabled');
    expect(await until('unavailable')).toBeLessThanOrEqual(EVERY_MS + MINUTE_MS);
    await minute();
    answers('ok');
    expect(await until('available')).toBeLessThanOrEqual(2 * MINUTE_MS);
  },
);

test('a return is known within two minutes also where the first assessment of it is lost', async () => {
  const { until, minute, answers } = world();
  answers('kms.key-disabled');
  await until('unavailable');
  await minute();
  answers('ok');

  let lost = 0;
  const first = () => lost++ === 0;
  expect(await until('available', first)).toBeLessThanOrEqual(2 * MINUTE_MS);
});

test('a loss whose first assessment is lost is looked at again in the next run, not at the pace of a key that is well', async () => {
  const { until, answers, minute } = world();
  await minute();
  answers('kms.key-disabled');

  let lost = 0;
  const first = () => lost++ === 0;
  expect(await until('unavailable', first)).toBeLessThanOrEqual(EVERY_MS + 2 * MINUTE_MS);
});

const OUTAGES = ['kms.throttled', 'kms.unreachable', 'sts.unreachable', 'kms.key-unavailable', 'kms.conflict'] as const;
const ANSWERS = ['ok', 'ok', 'kms.access-denied', 'kms.access-denied', 'kms.key-not-found', ...OUTAGES] as const;
const LOSSES: ReadonlySet<string> = new Set(['kms.access-denied', 'kms.key-not-found']);

/** What a look may be answered from one moment to the next; the key's state is never told. */
test('whatever KMS answers in whatever order, a key is away, or back, only after two looks in a row at which it was', async () => {
  const moves = { away: 0, back: 0 };
  for (let seed = 1; seed <= 150; seed += 1) {
    const random = randomOf(seed);
    const { kms, minute, availability } = world();
    for (let minutes = 0; minutes < 30; minutes += 1) {
      const steady = random.pick(ANSWERS);
      const answers = Array.from({ length: 8 }, () => (random.below(3) === 0 ? random.pick(ANSWERS) : steady));
      kms.unwrapAnswers(...answers);
      const before = availability();
      await minute();
      const isTwice = (is: (answer: string) => boolean) =>
        answers.some((one, at) => is(one) && is(answers[at + 1] ?? ''));
      if (before !== 'unavailable' && availability() === 'unavailable') {
        moves.away += 1;
        expect([seed, isTwice((answer) => LOSSES.has(answer))]).toEqual([seed, true]);
      }
      if (before === 'unavailable' && availability() === 'available') {
        moves.back += 1;
        expect([seed, isTwice((answer) => answer === 'ok')]).toEqual([seed, true]);
      }
    }
  }
  expect(moves.away).toBeGreaterThan(100);
  expect(moves.back).toBeGreaterThan(100);
});

test.each(OUTAGES)('%s alone, for as long as it likes, changes nothing and costs no assessment', async (outage) => {
  const { kms, minute, availability, control } = world();
  await minute();
  kms.unwrapAnswers(outage);
  for (let minutes = 0; minutes < 60; minutes += 1) await minute();

  expect([availability(), control.outbox]).toEqual(['available', []]);
});
