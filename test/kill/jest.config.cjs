/** The scenario of `npm start` killed at random moments: `npm run test:kill`. */
module.exports = {
  rootDir: '../..',
  preset: './test/jest-preset.cjs',
  testMatch: ['<rootDir>/test/kill/**/*.test.ts'],
};
