/**
 * Runs what takes long and needs no AWS SDK before all else. Seen with Node 20: in a process in which other suites have
 * loaded the SDK, what is made of promises takes up to four times as long.
 */
const { default: Sequencer } = require('@jest/test-sequencer');

const FIRST = [
  '/domain/properties/',
  '/adapters/leased-rate-limiter',
  '/domain/audit/log/proofs',
  '/keywright-verify/',
  '/keywright-envelope/test/compromised',
  '/unit/domain/',
  '/keywright-envelope/',
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
