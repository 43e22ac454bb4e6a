/** Where the parts of a log lie, and how entries lie in a bundle: C2SP tlog-tiles (https://c2sp.org/tlog-tiles). */

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;

/** An entry stands behind its length in 16 bits. */
const ENTRY_BYTES_MAX = 65_535;

/** The most bytes that a bundle of so many entries can have. */
export const bundleBytesMax = (width: number): number => width * (2 + ENTRY_BYTES_MAX);

/** `tile/0/x001/x234/067`, or `tile/0/x001/x234/067.p/5` for the first five hashes of a tile that is not full. */
export function tilePath(level: number, index: number, width = TILE_WIDTH): string {
  return `tile/${level}/${numbered(index, width)}`;
}

/** Where a bundle of entries lies. Fewer than 256 is a partial one. */
export function bundlePath(index: number, width = TILE_WIDTH): string {
  return `tile/entries/${numbered(index, width)}`;
}

/** How many hashes the tile at `index` of a level has in a tree of that size: 256, or fewer at the right edge, or 0. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

function numbered(index: number, width: number): string {
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return groups.join('/') + (width === TILE_WIDTH ? '' : `.p/${width}`);
}

/**
 * The first entries of a bundle, as many as it should have: each stands behind its length, 16 bits, big-endian. `whole` is
 * false when they are fewer, when the last one is cut, and when anything follows.
 */
export function entriesOf(
  bundle: Uint8Array,
  width: number,
): { readonly entries: readonly Uint8Array[]; readonly whole: boolean } {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width && at + 2 <= bundle.length) {
    const end = at + 2 + view.getUint16(at);
    if (end > bundle.length) break;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return { entries, whole: at === bundle.length && entries.length === width };
}
