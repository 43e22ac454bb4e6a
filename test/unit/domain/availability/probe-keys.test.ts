import { keySignalReceived } from '../../../../events/key-signal-received';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import type { ErrorCode } from '../../../../shared/domain/errors';
import { NEVER } from '../../../../shared/domain/instants';
import { after, aKmsKey, anArn, aWatch, countedIds, NOW, silentLog } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { scriptedKms } from '../../../support/scripted-kms';

function world(...watches: readonly ReturnType<typeof aWatch>[]) {
  const control = memoryControlStore();
  for (const watch of watches) {
    control.given('kms-key', aKmsKey({ kmsKeyArn: watch.kmsKeyArn }));
    control.given('key-watch', watch);
  }
  const kms = scriptedKms();
  return { control, kms, ports: { control, ...kms, clock: { now: () => NOW }, ids: countedIds(), log: silentLog } };
}

test('a key that is as we believe is looked at again later, and nothing is said', async () => {
  const { control, ports } = world(aWatch());

  await probeKeys(ports);

  expect(control.outbox).toEqual([]);
  expect(control.all('key-watch')[0]?.dueAt).toBe(after(5 * 60_000));
});

test.each<[string, ErrorCode | 'ok', ReturnType<typeof aWatch>]>([
  ['a key that stopped', 'kms.key-disabled', aWatch()],
  [
    'a key that came back',
    'ok',
    aWatch({
      availability: 'unavailable',
      verdict: { availability: 'unavailable', cause: 'key-disabled', evidence: '', at: NOW },
    }),
  ],
])('%s is signalled, and the verdict left to the assessment', async (_title, answer, watch) => {
  const { control, kms, ports } = world(watch);
  kms.unwrapAnswers(answer);
  kms.keyStateIs(answer === 'ok' ? 'Enabled' : 'Disabled');

  await probeKeys(ports);

  expect(control.outbox).toMatchObject([
    { detailType: keySignalReceived.detailType, detail: { signal: 'probe', kmsKeyArn: anArn() } },
  ]);
  expect(control.all('key-watch')[0]?.availability).toBe(watch.availability);
});

test('a key that is away is looked at again within half a minute', async () => {
  const verdict = { availability: 'unavailable', cause: 'key-disabled', evidence: '', at: NOW } as const;
  const { control, kms, ports } = world(aWatch({ availability: 'unavailable', verdict }));
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');

  await probeKeys(ports);

  expect(control.outbox).toEqual([]);
  expect(control.all('key-watch')[0]?.dueAt).toBe(after(30_000));
});

test('a probe that is not due yet is not made', async () => {
  const { kms, ports } = world(aWatch({ dueAt: after(1) }));

  await probeKeys(ports);

  expect(kms.unwraps()).toBe(0);
});

test('a key that we took out of use ourselves is probed no more', async () => {
  const { control, kms, ports } = world(aWatch());
  control.given('kms-key', aKmsKey({ state: 'disabled' }));

  await probeKeys(ports);

  expect(kms.unwraps()).toBe(0);
  expect(control.all('key-watch')[0]?.dueAt).toBe(NEVER);
});

test('one key whose probe breaks keeps no other from being probed', async () => {
  const broken = aWatch({ kmsKeyArn: anArn('broken') });
  const { control, kms, ports } = world(broken, aWatch());
  const { unwrap } = kms.crypto;
  const crypto = {
    ...kms.crypto,
    unwrap: (...asked: Parameters<typeof unwrap>) => {
      if (asked[0].kmsKeyArn === broken.kmsKeyArn) throw new Error('a bug');
      return unwrap(...asked);
    },
  };

  const outcome = await probeKeys({ ...ports, crypto });

  expect(outcome).toEqual({ probed: 2, failed: 1 });
  expect(
    control
      .all('key-watch')
      .map(({ dueAt }) => dueAt)
      .sort(),
  ).toEqual([NOW, after(5 * 60_000)]);
});
