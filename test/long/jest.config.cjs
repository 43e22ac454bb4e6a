/** Scenarios on the packaged product that take their time, many with a clock that is moved: `npm run test:long`. */
module.exports = {
  rootDir: '../..',
  preset: './test/jest-preset.cjs',
  testTimeout: 60_000,
  testMatch: ['<rootDir>/test/long/**/*.test.ts'],
};
