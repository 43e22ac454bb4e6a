/** Where customers' entries are sent: what people add, list, look at, change and test. No answer holds a secret but that of a new one. */
import * as z from 'zod/mini';
import { mustFind } from '../require-row';
import {
  addSubscription,
  type Made,
  pauseSubscription,
  removeSubscription,
  resendFrom,
  resumeSubscription,
  rotateSecret,
  type SubscriptionPorts,
  subscriptionNamed,
  subscriptionsOf,
  testSubscription,
} from '../subscriptions/change-subscriptions';
import {
  type Attempt,
  DESTINATION_KINDS,
  ENTRY_FORMATS,
  type ParkedEntry,
  SIGNINGS,
  type Subscription,
  type SubscriptionName,
  subscriptionKey,
} from '../subscriptions/subscription';
import { count, entryFilter, id, oneOf, sentence } from './fields';
import { defineOperation, type Operation } from './operation';

export type ShownSubscription = Omit<
  Subscription,
  'secret' | 'formerSecret' | 'revision' | 'leasedUntil' | 'parkedInARow'
> & {
  readonly hasSecret: boolean;
  /** Until when the secret before signs as well. */
  readonly formerSecretUntil?: string;
};

export interface MadeSubscription {
  readonly subscription: ShownSubscription;
  /** What the receiver checks signatures with: told once. */
  readonly receiverSecret?: string;
}

export interface SubscriptionDetails {
  readonly subscription: ShownSubscription;
  /** Entries that the log has and the subscription was not sent. */
  readonly behind: number;
  readonly attempts: readonly Attempt[];
  readonly parked: readonly Pick<ParkedEntry, 'index' | 'reason' | 'at'>[];
}

/** So many entries that were set aside are shown. */
const PARKED_SHOWN_MAX = 100;

const named = { customerId: id, name: id };
const secret = z.optional(sentence('must be text that is not empty'));

export const addSubscriptionOperation = defineOperation(
  'add-subscription',
  {
    ...named,
    kind: oneOf(DESTINATION_KINDS),
    target: id,
    format: z.optional(oneOf(ENTRY_FORMATS)),
    ...entryFilter,
    signing: z.optional(oneOf(SIGNINGS)),
    secret,
    from: z.optional(count),
  },
  async (input, { principal }, ports: SubscriptionPorts): Promise<MadeSubscription> =>
    shownMade(await addSubscription(input, principal, ports)),
);

export const listSubscriptions = defineOperation(
  'list-subscriptions',
  { customerId: id },
  async (
    { customerId },
    _caller,
    { control }: SubscriptionPorts,
  ): Promise<{ readonly subscriptions: readonly ShownSubscription[] }> => {
    await mustFind('customer', customerId, { control });
    return { subscriptions: (await subscriptionsOf(customerId, { control })).map(shown) };
  },
);

export const showSubscription = defineOperation(
  'show-subscription',
  named,
  async (which, _caller, { control, sequence }: SubscriptionPorts): Promise<SubscriptionDetails> => {
    const subscription = await subscriptionNamed(which, { control });
    const { integrated } = await sequence.head(which.customerId);
    const log = await control.find('delivery-log', subscriptionKey(which));
    const parked: Pick<ParkedEntry, 'index' | 'reason' | 'at'>[] = [];
    for await (const { name, index, reason, at } of control.ofCustomer('parked-entry', which.customerId)) {
      if (name === which.name) parked.push({ index, reason, at });
      if (parked.length === PARKED_SHOWN_MAX) break;
    }
    const behind = Math.max(0, integrated - subscription.cursor);
    return { subscription: shown(subscription), behind, attempts: log?.attempts ?? [], parked };
  },
);

type Change = (which: SubscriptionName, by: string, ports: SubscriptionPorts) => Promise<Subscription>;

const changing = (name: string, change: Change): Operation<SubscriptionPorts> =>
  defineOperation(name, named, async (which, { principal }, ports: SubscriptionPorts) => ({
    subscription: shown(await change(which, principal, ports)),
  }));

export const pauseSubscriptionOperation = changing('pause-subscription', pauseSubscription);
export const resumeSubscriptionOperation = changing('resume-subscription', resumeSubscription);
export const removeSubscriptionOperation = changing('remove-subscription', removeSubscription);
export const testSubscriptionOperation = changing('test-subscription', testSubscription);

export const resendOperation = defineOperation(
  'resend-entries',
  { ...named, from: count },
  async (which, { principal }, ports: SubscriptionPorts): Promise<{ readonly subscription: ShownSubscription }> => ({
    subscription: shown(await resendFrom(which, principal, ports)),
  }),
);

export const rotateSecretOperation = defineOperation(
  'rotate-subscription-secret',
  { ...named, secret },
  async (which, { principal }, ports: SubscriptionPorts): Promise<MadeSubscription> =>
    shownMade(await rotateSecret(which, principal, ports)),
);

const shownMade = ({ subscription, ...made }: Made): MadeSubscription => ({
  ...made,
  subscription: shown(subscription),
});

function shown(row: Subscription): ShownSubscription {
  const { secret: sealed, formerSecret, revision: _revision, leasedUntil: _lease, parkedInARow: _row, ...open } = row;
  return {
    ...open,
    hasSecret: sealed !== undefined,
    ...(formerSecret && { formerSecretUntil: formerSecret.until }),
  };
}
