/** Set-up of suites on the packaged product: it is what the sources make. */
const { execFileSync } = require('node:child_process');
const { join } = require('node:path');

const root = join(__dirname, '../..');

module.exports = () => void execFileSync(process.execPath, ['infra/packaged.mjs'], { cwd: root, stdio: 'inherit' });
