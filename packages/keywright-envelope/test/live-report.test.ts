import type { SentRequest } from '../../../shared/adapters/kms-clients';
import { KeywrightError } from '../../../shared/domain/errors';
import type { LiveTraffic } from '../../../shared/domain/reencryption/quota/ports';
import { aKmsKey, anArn } from '../../../test/support/make';
import { memoryLiveTraffic } from '../../../test/support/memory-live-traffic';
import { virtualTime } from '../../../test/support/virtual-time';
import { liveReport } from '../live-report';

const OWN = 'own/eu-central-1';
const sentBy = (key = aKmsKey(), more: Partial<SentRequest> = {}): SentRequest => ({
  key,
  isThrottled: false,
  latencyMs: 5,
  ...more,
});
const theirs = (accountId: string) =>
  aKmsKey({
    kmsKeyArn: anArn('theirs', accountId),
    access: { via: 'role', roleArn: `arn:aws:iam::${accountId}:role/keywright-use`, externalId: 'ext' },
  });

function reporting() {
  const time = virtualTime();
  const live = memoryLiveTraffic(time.nowMs);
  const reports: string[] = [];
  const state = { isRefused: false };
  const counted: Pick<LiveTraffic, 'report'> = {
    async report(quotaId, more) {
      reports.push(quotaId);
      if (state.isRefused) throw new KeywrightError('store.refused', 'not allowed');
      await live.report(quotaId, more);
    },
  };
  const later = (run: () => void, ms: number) => void time.waitMs(ms).then(run);
  const tell = liveReport({ live: counted, nowMs: time.nowMs, later });
  const pass = (ms: number) => time.pass(ms, () => undefined);
  return { tell, live, reports, state, pass };
}

test('what was sent is reported within half a second, with how much of it was refused and how long it took', async () => {
  const { tell, live, pass } = reporting();
  for (let at = 0; at < 10; at += 1) tell(sentBy());
  tell(sentBy(aKmsKey(), { isThrottled: true, latencyMs: 1 }));
  await pass(501);

  expect(await live.count(OWN)).toMatchObject({ calls: 11, throttled: 1, latencyMs: 51 });
});

test('however much is sent under however many quotas, there is one report every half second and none is left untold', async () => {
  const { tell, live, reports, pass } = reporting();
  for (let ms = 0; ms < 2_000; ms += 10) {
    for (const key of [aKmsKey(), aKmsKey(), theirs('444455556666'), theirs('777788889999')]) tell(sentBy(key));
    await pass(10);
  }

  expect(reports).toHaveLength(4);
  await pass(2_000);

  expect((await live.count(OWN))?.calls).toBe(400);
  expect((await live.count('444455556666/eu-central-1'))?.calls).toBe(200);
  expect((await live.count('777788889999/eu-central-1'))?.calls).toBe(200);
});

test('nothing is reported while nothing is sent', async () => {
  const { tell, reports, pass } = reporting();
  await pass(5_000);
  tell(sentBy());
  await pass(5_000);

  expect(reports).toEqual([OWN]);
});

test('an application that may not report is not told so, and tries again half a minute later', async () => {
  const { tell, live, reports, state, pass } = reporting();
  state.isRefused = true;
  for (let second = 0; second < 30; second += 1) {
    tell(sentBy());
    await pass(1_000);
  }
  expect(reports).toHaveLength(1);

  state.isRefused = false;
  await pass(1_000);
  tell(sentBy());
  await pass(1_000);

  // What happened in between is not told as if it had happened now.
  expect((await live.count(OWN))?.calls).toBe(1);
});
