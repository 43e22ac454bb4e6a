/** The promises of `RateLimiter`, for every implementation of it. */
import { KeywrightError } from '../../shared/domain/errors';
import type { QuotaUse } from '../../shared/domain/reencryption/quota/kms-quota';
import type { RateLimiter } from '../../shared/domain/reencryption/quota/ports';

export interface RateLimiterScene {
  readonly limiter: RateLimiter;
  /** Lets so much time pass, with what is done in it. */
  pass(ms: number): Promise<void>;
}

const USE: QuotaUse = { quotaId: 'own/eu-west-3', jobId: 'a', priority: 'routine' };

/** A request fails a few times at most before its error is given back. */
const SENT_MAX = 5;

/** @param open One that has the whole of a quota for itself. */
export function rateLimiterContract(open: () => RateLimiterScene): void {
  /** The outcomes of requests that are given a few seconds. */
  async function outcomesOf<Answer>(...requests: readonly (() => Promise<Answer>)[]) {
    const { limiter, pass } = open();
    const outcomes = Promise.allSettled(requests.map((request) => limiter.run(USE, request)));
    await pass(3_000);
    return outcomes;
  }

  test('every request is sent once, and answered with its own answer', async () => {
    const sent: number[] = [];
    const requests = Array.from({ length: 20 }, (_, at) => async () => {
      sent.push(at);
      return at;
    });

    const answers = await outcomesOf(...requests);

    expect(answers).toEqual(requests.map((_, at) => ({ status: 'fulfilled', value: at })));
    expect(sent.sort((a, b) => a - b)).toEqual(requests.map((_, at) => at));
  });

  test.each([
    ['a refusal of KMS that stays', new KeywrightError('kms.access-denied', 'no')],
    ['a race that was lost', new KeywrightError('state.changed-meanwhile', 'anew')],
    ['what nobody foresaw', new RangeError('a bug')],
  ])('%s is thrown as it is, and not sent again', async (_, error) => {
    let sent = 0;
    const failing = async () => {
      sent += 1;
      throw error;
    };

    expect(await outcomesOf(failing)).toEqual([{ status: 'rejected', reason: error }]);
    expect(sent).toBe(1);
  });

  describe.each(['kms.throttled', 'kms.unreachable'] as const)('what comes back with %s', (code) => {
    test('is sent again, until it is answered', async () => {
      let sent = 0;
      const failingOnce = async () => {
        sent += 1;
        if (sent === 1) throw new KeywrightError(code, 'may pass');
        return 'answer';
      };

      expect(await outcomesOf(failingOnce)).toEqual([{ status: 'fulfilled', value: 'answer' }]);
      expect(sent).toBe(2);
    });

    test('is not sent for ever: its error is thrown in the end', async () => {
      let sent = 0;
      const error = new KeywrightError(code, 'may pass');
      const failing = async () => {
        sent += 1;
        throw error;
      };

      expect(await outcomesOf(failing)).toEqual([{ status: 'rejected', reason: error }]);
      expect(sent).toBeGreaterThan(1);
      expect(sent).toBeLessThanOrEqual(SENT_MAX);
    });

    test('keeps no other request', async () => {
      const failing = async () => {
        throw new KeywrightError(code, 'may pass');
      };
      const [, other] = await outcomesOf(failing, async () => 'answer');

      expect(other).toEqual({ status: 'fulfilled', value: 'answer' });
    });
  });
}
