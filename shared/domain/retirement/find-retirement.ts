/** The key and the retirement that a person speaks of, or why there is none. */

import { refusal } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import type { ControlStore } from '../ports';
import { mustFind } from '../require-row';
import type { Retirement } from './retirement';

export interface Retiring {
  readonly key: KmsKey;
  readonly retirement: Retirement;
}

/** @throws KeywrightError `state.not-found`: the key is not registered, or is not on its way out. */
export async function findRetirement(
  kmsKeyArn: string,
  { control }: { readonly control: Pick<ControlStore, 'find'> },
): Promise<Retiring> {
  const [key, retirement] = await Promise.all([
    mustFind('kms-key', kmsKeyArn, { control }, 'key'),
    control.find('retirement', kmsKeyArn),
  ]);
  if (!retirement) {
    const way = key.state === 'active' ? 'It is in use: rotate it by the strategy replace first.' : 'Start it first.';
    throw refusal('state.not-found', 'key', `the retirement of ${kmsKeyArn} has not begun. ${way}`);
  }
  return { key, retirement };
}
