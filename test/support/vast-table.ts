/** A data-key table of which a proof reads so much before it comes to what is there that it takes several parts. */
import type { DataKeyStore } from '../../shared/domain/ports';

/** Proofs read so many at a time; jobs and listings, which read less, see the table as it is. */
const PAGE_OF_PROOF = 1_000;

/** @returns the store, and how many pages were read of it for proofs. */
export function vastTable<Store extends Pick<DataKeyStore, 'sweep'>>(
  store: Store,
  emptyPages: number,
): Store & { pagesRead(): number } {
  let read = 0;
  const sweep: DataKeyStore['sweep'] = async (under, segment, page) => {
    if (page.limit < PAGE_OF_PROOF) return store.sweep(under, segment, page);
    read += 1;
    const { after = 'empty 0', ...rest } = page;
    const [, before] = /^empty (\d+)$/.exec(after) ?? [];
    if (before === undefined) return store.sweep(under, segment, page);
    if (Number(before) === emptyPages) return store.sweep(under, segment, rest);
    return { dataKeys: [], next: `empty ${Number(before) + 1}` };
  };
  return { ...store, sweep, pagesRead: () => read };
}
