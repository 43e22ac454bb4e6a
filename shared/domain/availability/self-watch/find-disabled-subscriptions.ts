/** Subscriptions of customers that were given up: nothing is lost, and somebody believes that they are sent everything. */
import type { Finder } from './finder';

/** Read in a run, those that are disabled the longest first. */
const READ_MAX = 200;

export const findDisabledSubscriptions: Finder = {
  speaksFor: ['subscription-disabled'],
  async find({ control, clock }) {
    const rows = await control.due('disabled-subscription', clock.now(), READ_MAX);
    return {
      found: rows.map(({ customerId, name, since, reason }) => ({
        trouble: 'subscription-disabled',
        subject: `${name} of ${customerId}`,
        since,
        evidence: `its destination was given up: ${reason}`,
      })),
      isWhole: rows.length < READ_MAX,
    };
  },
};
