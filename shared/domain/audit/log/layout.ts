/** The files of a log: C2SP tlog-tiles (https://c2sp.org/tlog-tiles). docs/audit-log-format.md has it in our words. */

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;

/** An entry stands behind its length in 16 bits. */
export const ENTRY_BYTES_MAX = 65_535;

export const CHECKPOINT_PATH = 'checkpoint';

/** The folder of a customer's log: their id percent-encoded, a point at its start too, since `.` and `..` lead elsewhere. */
export const logFolder = (customerId: string): string => encodeURIComponent(customerId).replace(/^\./, '%2E');

/** Where a tile of hashes lies. @param width Hashes in it: fewer than 256 is a partial one. */
export function tilePath(level: number, index: number, width: number): string {
  return `tile/${level}/${elements(index)}${partial(width)}`;
}

/** Where a bundle of entries lies. @param width Entries in it: fewer than 256 is a partial one. */
export function bundlePath(index: number, width: number): string {
  return `tile/entries/${elements(index)}${partial(width)}`;
}

/** 1234067 -> `x001/x234/067`: no folder ever holds more than a thousand files. */
function elements(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
}

const partial = (width: number): string => (width < TILE_WIDTH ? `.p/${width}` : '');

/** Entries as they lie in a bundle, each behind its length. Bundles can be joined end to end. */
export function bundleOf(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(entries.flatMap((entry) => [lengthOf(entry), entry]));
}

/** @throws RangeError when the bundle was cut, or holds more entries than a bundle may. */
export function entriesOf(bundle: Uint8Array): Uint8Array[] {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 + view.getUint16(at);
    if (end > bundle.length) throw new RangeError(`A bundle of ${bundle.length} bytes ends inside an entry.`);
    if (entries.length === TILE_WIDTH) throw new RangeError(`A bundle holds more than ${TILE_WIDTH} entries.`);
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

function lengthOf(entry: Uint8Array): Uint8Array {
  if (entry.length > ENTRY_BYTES_MAX) throw new RangeError(`An entry of ${entry.length} bytes does not fit a bundle.`);
  return Uint8Array.of(entry.length >> 8, entry.length & 255);
}
