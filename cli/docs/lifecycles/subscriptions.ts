import { subscriptionChanged } from '../../../events/subscription-changed';
import type { SUBSCRIPTION_MOVES } from '../../../shared/domain/subscriptions/subscription';
import type { About, Way } from './describe';

const BY_A_PERSON: readonly Way[] = [{ by: ['one person'], fact: subscriptionChanged }];
const GIVEN_UP: readonly Way[] = [{ by: ['Keywright'], fact: subscriptionChanged }];

export const SUBSCRIPTION: About<typeof SUBSCRIPTION_MOVES> = {
  title: 'Subscription',
  states: {
    testing: {
      entry: 'Somebody added it, or told it to go on. A test is sent, again and again until it is taken; entries wait.',
      begins: BY_A_PERSON,
      next: { active: [{ by: ['Keywright'] }], paused: BY_A_PERSON, disabled: GIVEN_UP, removed: BY_A_PERSON },
    },
    active: {
      entry: 'Its destination took the test. Entries are sent, in the order of the log.',
      next: { paused: BY_A_PERSON, disabled: GIVEN_UP, removed: BY_A_PERSON },
    },
    paused: {
      entry: 'Somebody paused it. Nothing is sent, and nothing is lost: it goes on where it ended.',
      next: { testing: BY_A_PERSON, removed: BY_A_PERSON },
    },
    disabled: {
      entry: 'Its destination said that it is gone, or took nothing in ten attempts over three days.',
      next: { testing: BY_A_PERSON, removed: BY_A_PERSON },
    },
    removed: { entry: 'Somebody removed it. Its secret is forgotten.', next: { testing: BY_A_PERSON } },
  },
};
