/** Scenarios on the packaged product that take their time, many with a clock that is moved: `npm run test:long`. */
module.exports = {
  rootDir: '../..',
  testEnvironment: 'node',
  testTimeout: 60_000,
  testMatch: ['<rootDir>/test/long/**/*.test.ts'],
  moduleNameMapper: { '^cborg$': '<rootDir>/node_modules/cborg/cborg.js' },
  transform: { '\\.[jt]s$': '<rootDir>/test/support/esbuild-transform.cjs' },
  transformIgnorePatterns: ['/node_modules/(?!(@middy|cborg|fast-check)/)'],
};
