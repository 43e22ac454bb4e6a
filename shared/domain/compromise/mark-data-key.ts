/** The mark by which every application knows: read with it, never protect new data with it. */
import type { DataKeyName } from '../keys/data-key';
import { retryOnConflict } from '../retry-on-conflict';
import type { CompromisePorts } from './ports';

/**
 * Marks a data key as compromised. Safe to repeat: the first mark stays, its time with it.
 *
 * @param options `evenIfMarked`: takes over the mark of a compromise that was never recorded.
 * @throws KeywrightError `state.changed-meanwhile` (retry), `store.unreachable` (retry).
 */
export async function markDataKey(
  name: DataKeyName,
  compromiseId: string,
  { dataKeys, clock }: Pick<CompromisePorts, 'dataKeys' | 'clock'>,
  options: { readonly evenIfMarked?: boolean } = {},
): Promise<void> {
  await retryOnConflict(async () => {
    const [dataKey] = await dataKeys.findAll([name]);
    if (!dataKey || dataKey.compromised?.compromiseId === compromiseId) return;
    if (dataKey.compromised && !options.evenIfMarked) return;
    const compromised = { compromiseId, at: dataKey.compromised?.at ?? clock.now() };
    await dataKeys.replace({ ...dataKey, compromised });
  });
}
