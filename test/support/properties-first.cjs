/**
 * Runs the random lives before all else: they take longest, and what other suites load makes every promise of their
 * process slower for good (AsyncLocalStorage turns on promise hooks in Node 20).
 */
const { default: Sequencer } = require('@jest/test-sequencer');

const isFirst = ({ path }) => path.includes('/properties/');

module.exports = class PropertiesFirst extends Sequencer {
  sort(tests) {
    const inOrder = super.sort(tests);
    return [...inOrder.filter(isFirst), ...inOrder.filter((test) => !isFirst(test))];
  }
};
