/** Waits for what became of a test: the function that delivers notes it on the subscription. */
import type { ShownSubscription, SubscriptionDetails } from '../../shared/domain/api/subscriptions';
import { defined } from '../../shared/domain/optional-fields';
import type { Api } from '../operate/api';

const LOOK_MS = 500;
/** A destination has fifteen seconds to answer. */
const LOOKS_MAX = 60;

export interface EndedTest {
  readonly testId: string;
  readonly taken: boolean;
  /** Why it was not taken. */
  readonly failure?: string;
}

/** @returns how it ended; not taken, with a reason, when nobody knows after half a minute. */
export async function awaitTest(
  { customerId, name, test: { testId } }: Pick<ShownSubscription, 'customerId' | 'name' | 'test'>,
  api: Api,
  lookMs = LOOK_MS,
): Promise<EndedTest> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const { subscription } = await api.call<SubscriptionDetails>('show-subscription', { customerId, name });
    const { test } = subscription;
    if (test.testId !== testId) return { testId, taken: false, failure: 'another test took its place' };
    if (test.endedAt !== undefined)
      return { testId, taken: test.failure === undefined, ...defined({ failure: test.failure }) };
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  const failure = 'it is not sent after half a minute. Is deliver-entries running? Its alarms and its log say why not';
  return { testId, taken: false, failure };
}
