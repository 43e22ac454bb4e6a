/** Every data key under a KMS key, by consistent reads of the whole base table, one page at a time. */
import { type DataKey, SHARDS } from './data-key';
import type { DataKeyStore } from './ports';

const PAGE = 1_000;

export async function* sweepAll(
  under: Parameters<DataKeyStore['sweep']>[0],
  { dataKeys }: { readonly dataKeys: DataKeyStore },
): AsyncIterable<DataKey> {
  for (let segment = 0; segment < SHARDS; segment += 1) {
    let after: string | undefined;
    do {
      const page = await dataKeys.sweep(under, segment, { limit: PAGE, ...(after !== undefined && { after }) });
      yield* page.dataKeys;
      after = page.next;
    } while (after !== undefined);
  }
}
