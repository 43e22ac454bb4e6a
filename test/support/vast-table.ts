/** A data-key table of which a proof reads so much before it comes to what is there that it takes several parts. */
import type { DataKeyStore } from '../../shared/domain/keys/ports';

/** Proofs read so many at a time; jobs and listings, which read less, see the table as it is. */
const PAGE_OF_PROOF = 1_000;

/** @returns the store, and how many pages were read of it for proofs. */
export function vastTable<Store extends Pick<DataKeyStore, 'scan'>>(
  store: Store,
  emptyPages: number,
): Store & { pagesRead(): number } {
  let read = 0;
  const scan: DataKeyStore['scan'] = async (under, segment, page) => {
    if (page.limit < PAGE_OF_PROOF) return store.scan(under, segment, page);
    read += 1;
    const { after = 'empty 0', ...rest } = page;
    const [, before] = /^empty (\d+)$/.exec(after) ?? [];
    if (before === undefined) return store.scan(under, segment, page);
    if (Number(before) === emptyPages) return store.scan(under, segment, rest);
    return { dataKeys: [], next: `empty ${Number(before) + 1}` };
  };
  return { ...store, scan, pagesRead: () => read };
}
