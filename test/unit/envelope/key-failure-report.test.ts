/** How a KMS key that failed an application is reported. */
import { KeywrightError } from '../../../shared/domain/errors';
import { keyFailureReport } from '../../../shared/envelope/key-failure-report';
import { anArn, countedIds, NOW } from '../../support/make';
import { memoryControlStore } from '../../support/memory-control-store';

function reporting() {
  const control = memoryControlStore();
  let nowMs = Date.parse(NOW);
  let isDown = false;
  const commit: typeof control.commit = (change) =>
    isDown ? Promise.reject(new KeywrightError('store.unreachable', 'no answer')) : control.commit(change);
  return {
    control,
    report: keyFailureReport({ control: { commit }, ids: countedIds(), nowMs: () => nowMs }),
    pass(ms: number) {
      nowMs += ms;
    },
    down(down: boolean) {
      isDown = down;
    },
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

test('a failure is one signal that says which key failed and why', () => {
  const { control, report } = reporting();

  report(anArn(), 'kms.key-disabled');

  expect(control.outbox).toEqual([
    expect.objectContaining({
      detailType: 'key-signalled.v1',
      detail: {
        factId: 'id-1',
        at: NOW,
        kmsKeyArn: anArn(),
        signal: 'own-failure',
        observed: 'an application: kms.key-disabled',
        signalledAt: NOW,
      },
    }),
  ]);
});

test('a key that fails on is signalled every ten seconds, each key for itself', () => {
  const { control, report, pass } = reporting();
  for (let second = 0; second < 30; second += 1) {
    report(anArn('one'), 'kms.key-disabled');
    if (second === 5) report(anArn('two'), 'kms.access-denied');
    pass(1000);
  }

  const keys = control.outbox.map(({ detail }) => detail['kmsKeyArn']);
  expect(keys).toEqual([anArn('one'), anArn('two'), anArn('one'), anArn('one')]);
});

test('a signal that could not be told hurts nobody and is told at the next failure', async () => {
  const { control, report, down, settled } = reporting();
  down(true);
  report(anArn(), 'kms.key-disabled');
  await settled();
  down(false);

  report(anArn(), 'kms.key-disabled');

  expect(control.outbox).toHaveLength(1);
});

test('a clock that was set back does not silence what fails', () => {
  const { control, report, pass } = reporting();
  report(anArn(), 'kms.key-disabled');
  pass(-3_600_000);

  report(anArn(), 'kms.key-disabled');
  report(anArn(), 'kms.key-disabled');

  expect(control.outbox).toHaveLength(2);
});

test('what can not even be said as a signal hurts nobody', () => {
  const { control, report } = reporting();

  report('no ARN of a KMS key', 'kms.key-disabled');

  expect(control.outbox).toEqual([]);
});
