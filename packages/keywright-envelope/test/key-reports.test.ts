/** How a KMS key that failed an application, and serves it again, is reported. */

import type { KeyFailure } from '../../../shared/domain/availability/key-failure';
import { anArn, NOW } from '../../../test/support/make';
import { memoryKeyFailures } from '../../../test/support/memory-key-failures';
import { keyReports } from '../key-reports';

function reporting() {
  const failures = memoryKeyFailures();
  let nowMs = Date.parse(NOW);
  const reports = keyReports({ failures, nowMs: () => nowMs });
  return {
    reported: failures.reported,
    report: (kmsKeyArn: string, failure: KeyFailure) => reports.failed('unwrap', kmsKeyArn, failure),
    reports,
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

test('that a key works again is told once after its failures, however soon, and by the use that had failed', async () => {
  const { reported, report, reports, settled, pass } = reporting();
  reports.worked('unwrap', { kmsKeyArn: anArn() });
  report(anArn(), 'kms.key-disabled');
  reports.worked('generate', { kmsKeyArn: anArn() });
  expect(reported).toEqual([[anArn(), 'kms.key-disabled']]);

  for (let call = 0; call < 3; call += 1) reports.worked('unwrap', { kmsKeyArn: anArn() });
  await settled();
  pass(60_000);
  reports.worked('unwrap', { kmsKeyArn: anArn() });

  expect(reported).toEqual([
    [anArn(), 'kms.key-disabled'],
    [anArn(), 'works-again'],
  ]);
});

test('a key that is believed to be lost and works is told of every ten seconds, also by a process that saw no failure', async () => {
  const { reported, reports, pass } = reporting();

  for (let second = 0; second < 30; second += 1) {
    reports.worked('unwrap', { kmsKeyArn: anArn(), loss: { cause: 'key-disabled', since: NOW } });
    pass(1000);
  }

  expect(reported).toEqual(Array.from({ length: 3 }, () => [anArn(), 'works-again']));
});

test('a return that could not be told is told at the next call', async () => {
  const { reported, report, reports, down, settled, pass } = reporting();
  report(anArn(), 'kms.key-disabled');
  down(true);
  reports.worked('unwrap', { kmsKeyArn: anArn() });
  await settled();
  down(false);
  pass(1);

  reports.worked('unwrap', { kmsKeyArn: anArn() });

  expect(reported.at(-1)).toEqual([anArn(), 'works-again']);
});
