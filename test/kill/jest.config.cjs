/** The scenario of `npm start` killed at random moments: `npm run test:kill`. */
module.exports = {
  rootDir: '../..',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/kill/**/*.test.ts'],
  transform: { '\\.[jt]s$': '<rootDir>/test/support/esbuild-transform.cjs' },
  transformIgnorePatterns: ['/node_modules/(?!(@middy|cborg|fast-check)/)'],
};
