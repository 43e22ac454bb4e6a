/** Scenarios on the packaged product that take their time, many with a clock that is moved: `npm run test:long`. */
// Properties that `npm test` plays briefly are played at length.
process.env.RUNS ??= '1000';

const PLAYED_AT_LENGTH = [
  'test/unit/domain/properties/key-lives',
  'test/unit/domain/properties/rotation-lives',
  'test/unit/domain/properties/incident-timelines',
  'test/unit/adapters/log-files/split-values',
  'test/unit/domain/availability/policy/against-the-engine',
  'packages/keywright-envelope/test/compromised-data-keys',
  'packages/keywright-verify/test/tampering',
];

module.exports = {
  rootDir: '../..',
  preset: './test/jest-preset.cjs',
  testTimeout: 60_000,
  // Before any of them: one that packages anew takes the functions away from those beside it.
  globalSetup: '<rootDir>/test/support/package-product.cjs',
  // Most of them wait for a clock: two beside each other take half as long on two cores.
  maxWorkers: 2,
  testMatch: ['<rootDir>/test/long/**/*.test.ts', ...PLAYED_AT_LENGTH.map((suite) => `<rootDir>/${suite}.test.ts`)],
};
