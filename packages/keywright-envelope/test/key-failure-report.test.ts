/** How a KMS key that failed an application is reported. */

import { anArn, NOW } from '../../../test/support/make';
import { memoryKeyFailures } from '../../../test/support/memory-key-failures';
import { keyFailureReport } from '../key-failure-report';

function reporting() {
  const failures = memoryKeyFailures();
  let nowMs = Date.parse(NOW);
  return {
    reported: failures.reported,
    report: keyFailureReport({ failures, nowMs: () => nowMs }),
    pass(ms: number) {
      nowMs += ms;
    },
    down: failures.down,
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

test('a failure is one report that says which key failed and how', () => {
  const { reported, report } = reporting();

  report(anArn(), 'kms.key-disabled');

  expect(reported).toEqual([[anArn(), 'kms.key-disabled']]);
});

test('a key that fails on is reported every ten seconds, each key for itself', () => {
  const { reported, report, pass } = reporting();
  for (let second = 0; second < 30; second += 1) {
    report(anArn('one'), 'kms.key-disabled');
    if (second === 5) report(anArn('two'), 'kms.access-denied');
    pass(1000);
  }

  expect(reported.map(([kmsKeyArn]) => kmsKeyArn)).toEqual([anArn('one'), anArn('two'), anArn('one'), anArn('one')]);
});

test('a report that could not be told hurts nobody and is told at the next failure', async () => {
  const { reported, report, down, settled } = reporting();
  down(true);
  report(anArn(), 'kms.key-disabled');
  await settled();
  down(false);

  report(anArn(), 'kms.key-disabled');

  expect(reported).toHaveLength(1);
});

test('a clock that was set back does not silence what fails', () => {
  const { reported, report, pass } = reporting();
  report(anArn(), 'kms.key-disabled');
  pass(-3_600_000);

  report(anArn(), 'kms.key-disabled');
  report(anArn(), 'kms.key-disabled');

  expect(reported).toHaveLength(2);
});
