/** How every suite runs, the product's and the packages': `"preset"` in their Jest configurations. */
const { resolve } = require('node:path');

const root = resolve(__dirname, '..');

// As for our commands (infra/import-typescript.mjs): each suite loads the SDK anew, and would be told anew.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  moduleNameMapper: { '^cborg$': `${root}/node_modules/cborg/cborg.js` },
  transform: { '\\.[jt]s$': `${root}/test/support/esbuild-transform.cjs` },
  // ES modules only: jest knows CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!(@middy|cborg|fast-check)/)'],
  setupFilesAfterEnv: [`${root}/test/support/asserting.cjs`],
  testTimeout: 30_000,
};
