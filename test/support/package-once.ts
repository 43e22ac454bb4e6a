/** Runs before all tests: several of them read the packaged template or run the packaged functions. */
import { join } from 'node:path';
import { packageOf } from '../../cli/start/package';

module.exports = async () => {
  await packageOf(join(__dirname, '../..'));
};
