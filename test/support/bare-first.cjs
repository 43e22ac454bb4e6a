/**
 * Runs what needs no AWS SDK before what does, and the random lives before all else: they take longest, and what the SDK
 * loads makes every promise of its process slower for good (AsyncLocalStorage turns on promise hooks in Node 20).
 */
const { default: Sequencer } = require('@jest/test-sequencer');

const FIRST = [
  '/domain/properties/',
  '/adapters/leased-pace',
  '/domain/audit-log/proofs',
  '/unit/verify/',
  '/unit/envelope/compromised',
  '/unit/domain/',
  '/unit/envelope/',
];

const rankOf = ({ path }) => {
  const rank = FIRST.findIndex((part) => path.includes(part));
  return rank < 0 ? FIRST.length : rank;
};

module.exports = class BareFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => rankOf(one) - rankOf(other));
  }
};
