/** Checks against answers recorded from AWS, read in place from ../shared/data: `npm run test:recorded`. */
module.exports = {
  rootDir: '../..',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/recorded/**/*.test.ts'],
  transform: { '\\.[jt]s$': '<rootDir>/test/support/esbuild-transform.cjs' },
  transformIgnorePatterns: ['/node_modules/(?!(@middy|cborg|fast-check)/)'],
  testTimeout: 60_000,
};
