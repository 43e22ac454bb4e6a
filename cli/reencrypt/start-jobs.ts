/** One request for every KMS key, one after the other: what one refuses keeps no other back. */
import type { ShownKey } from '../../shared/domain/api/list-keys';
import type { RequestedReencryption } from '../../shared/domain/reencryption/request-reencryption';
import type { KeyPage } from '../keys/command';
import type { Api } from '../operate/api';
import { ApiRefusal } from '../operate/api-refusal';

export interface Requested {
  readonly jobs: readonly RequestedReencryption[];
}

export interface StartedAll {
  readonly keys: number;
  readonly jobs: Requested['jobs'];
  readonly refused: readonly { readonly kmsKeyArn: string; readonly reason: string }[];
}

/**
 * Safe to repeat: for a key whose job is under way no other begins.
 *
 * @param request What is asked of each key besides.
 * @param tell Hears how many keys were asked so far.
 */
export async function startAll(request: object, api: Api, onStarted: (keys: number) => void): Promise<StartedAll> {
  const jobs: Requested['jobs'][number][] = [];
  const refused: StartedAll['refused'][number][] = [];
  let keys = 0;
  for await (const { kmsKeyArn } of keysInUse(api)) {
    try {
      jobs.push(...(await api.call<Requested>('start-reencryption', { ...request, key: kmsKeyArn })).jobs);
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      refused.push({ kmsKeyArn, reason: error.message });
    }
    keys += 1;
    onStarted(keys);
  }
  return { keys, jobs: jobs.filter(({ toMove }) => toMove > 0), refused };
}

/** Under a key that has retired nothing is left. */
async function* keysInUse(api: Api): AsyncIterable<ShownKey> {
  let after: string | undefined;
  do {
    const page: KeyPage = await api.call('list-all-keys', after === undefined ? {} : { after });
    yield* page.keys.filter(({ state }) => state === 'active' || state === 'retiring');
    after = page.next;
  } while (after !== undefined);
}
