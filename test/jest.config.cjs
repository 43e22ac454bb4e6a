/** The product's own suites, but for those with a command of their own: test:long, test:kill and test:recorded. */
module.exports = {
  rootDir: '..',
  preset: './test/jest-preset.cjs',
  testPathIgnorePatterns: [
    '/node_modules/',
    ...['recorded', 'kill', 'long'].map((suite) => `<rootDir>/test/${suite}/`),
  ],
};
