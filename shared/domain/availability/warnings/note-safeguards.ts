/** note-safeguards: what a key's policy keeps its owner from doing is remembered, and that it does so no more is told on-call. */
import type { KmsKey } from '../../keys/kms-key';
import { defined } from '../../optional-fields';
import type { Clock, ControlStore } from '../../ports';
import { actBehind } from '../key-acts';
import type { KeyWatch } from '../key-watch';
import type { NotedLook } from '../note-look';
import type { EarlyWarning } from './early-warning';

export interface SafeguardPorts {
  readonly control: Pick<ControlStore, 'find'>;
  readonly clock: Clock;
}

/**
 * The look with what is guarded now, and a warning where less is than before and something depends on the key. Nothing is written here: the
 * watch and the warning are to be committed together. @param guarded Undefined: the policy was not read.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function noteSafeguards(
  noted: NotedLook,
  guarded: readonly string[] | undefined,
  key: KmsKey,
  { control, clock }: SafeguardPorts,
): Promise<NotedLook> {
  const { guarded: before = [] } = noted.watch;
  if (!guarded || guarded.join() === before.join()) return noted;
  const watch = { ...noted.watch, guarded };
  const gone = before.filter((action) => !guarded.includes(action));
  const isNeeded = gone.length > 0 && (await control.find('data-store-count', key.kmsKeyArn))?.dataStores !== 0;
  if (!isNeeded) return { ...noted, watch };
  const row = warningOf(gone, noted.watch, key, clock.now());
  return { watch, writes: [...noted.writes, { entityType: 'early-warning', row }] };
}

function warningOf(
  gone: readonly string[],
  watch: KeyWatch,
  { kmsKeyArn, customerId }: KmsKey,
  at: string,
): EarlyWarning {
  const act = actBehind('key-policy', watch, at);
  const by = act ? ` PutKeyPolicy by ${act.by} in account ${act.accountId}, by CloudTrail.` : '';
  return {
    warningId: `safeguards-removed/${kmsKeyArn}/${at}`,
    kind: 'safeguards-removed',
    kmsKeyArn,
    ...defined({ customerId }),
    says: `No statement of the key policy denies ${gone.join(', ')} any more.${by}`,
    at,
    dueAt: at,
    revision: 0,
  };
}
