/** Set-up of suites on the packaged product: it is what the sources make. */
import { join } from 'node:path';
import { packageOf } from '../../cli/start/package';

export default async function packageProduct(): Promise<void> {
  await packageOf(join(__dirname, '../..'));
}
