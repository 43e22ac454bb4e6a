/** What applications report is a hint from whoever may report. */
import { ContractViolation } from '../../../../events/define-event';
import { readReport, receiveReport } from '../../../../shared/domain/availability/receive-reports';
import { aKmsKey, anArn, aWatch, NOW, silentLog } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { testClock } from '../../../support/rotation-world';

function receiving() {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey({ revision: 1 }));
  const clock = testClock();
  const ports = { control, clock, log: silentLog };
  return { control, clock, receive: async (report: unknown) => receiveReport(readReport(report), ports) };
}

const REPORT = { kmsKeyArn: anArn(), failure: 'kms.key-disabled' };

test('a report of a key of ours is a signal, in our words and at our time', async () => {
  const { control, receive } = receiving();

  expect(await receive({ ...REPORT, at: '9999-01-01T00:00:00.000Z', observed: 'click here' })).toBe('signalled');

  expect(control.outbox.map(({ detailType, detail }) => ({ detailType, ...detail }))).toEqual([
    {
      detailType: 'key-signal-received.v1',
      factId: expect.any(String),
      at: NOW,
      kmsKeyArn: anArn(),
      signal: 'own-failure',
      observed: 'an application: kms.key-disabled',
      signalledAt: NOW,
    },
  ]);
});

test('however often a key is reported, it is signalled once in ten seconds', async () => {
  const { control, clock, receive } = receiving();

  for (let second = 0; second < 30; second += 1) {
    await Promise.all([receive(REPORT), receive({ ...REPORT, failure: 'kms.access-denied' })]);
    clock.advance(1_000);
  }

  expect(control.outbox).toHaveLength(3);
});

test('that a key works again is a signal of its own while it is believed to be away, and none while it is not', async () => {
  const { control, receive } = receiving();
  control.given('key-watch', aWatch({ revision: 1 }));
  await receive({ ...REPORT, failure: 'works-again' });
  expect(control.outbox).toEqual([]);
  control.given('key-watch', aWatch({ availability: 'unavailable', revision: 1 }));

  await receive({ ...REPORT, failure: 'works-again' });

  expect(control.outbox.map(({ detail }) => [detail['signal'], detail['observed']])).toEqual([
    ['own-success', 'an application: works-again'],
  ]);
});

test('a key that is not ours, and one that is known to be away, signal nothing', async () => {
  const { control, receive } = receiving();

  expect(await receive({ ...REPORT, kmsKeyArn: anArn('stranger') })).toBe('ignored');
  control.given('key-watch', aWatch({ availability: 'unavailable', revision: 1 }));
  await receive(REPORT);

  expect(control.outbox).toEqual([]);
});

test.each([
  [
    'words of its own',
    { ...REPORT, failure: 'call 0900-1234 at once' },
    'report.failure: must be one of kms.access-denied',
  ],
  ['an answer that is no failure of a key', { ...REPORT, failure: 'kms.throttled' }, 'report.failure: must be one of'],
  ['no key', { failure: REPORT.failure }, 'report.kmsKeyArn'],
  ['a key that is named by an alias', { ...REPORT, kmsKeyArn: 'alias/acme' }, 'report.kmsKeyArn: must be the full ARN'],
  ['nothing', undefined, 'report'],
])('%s is no report', async (_, report, problem) => {
  const { control, receive } = receiving();

  const refused = receive(report);

  await expect(refused).rejects.toBeInstanceOf(ContractViolation);
  await expect(refused).rejects.toThrow(problem);
  expect(control.outbox).toEqual([]);
});
