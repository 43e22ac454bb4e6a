/**
 * Checks against answers recorded from AWS, read in place from ../shared/data: `npm run test:recorded`.
 *
 * A visitor need not have them: then nothing is checked, and it is said. On CI a check with nothing to check is a failure.
 */
const { existsSync } = require('node:fs');
const { resolve } = require('node:path');

const DATA = resolve(__dirname, '../../../shared/data');
const isHere = existsSync(DATA);

if (!isHere && process.env.CI)
  throw new Error(`The answers recorded from AWS are not at ${DATA}: nothing was checked.`);
if (!isHere) process.stdout.write(`The answers recorded from AWS are not at ${DATA}: nothing is checked.\n`);

module.exports = {
  rootDir: '../..',
  preset: './test/jest-preset.cjs',
  testMatch: ['<rootDir>/test/recorded/**/*.test.ts'],
  testPathIgnorePatterns: isHere ? ['/node_modules/'] : ['/'],
  passWithNoTests: !isHere,
  testTimeout: 60_000,
};
