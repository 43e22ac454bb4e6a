/** Key material in a file: read once into memory that is wiped, whatever becomes of it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { ApiRefusal } from '../operate/api-refusal';
import { machineFault } from '../output/machine-fault';

/** AES-256. Source: KMS developer guide, importing key material into a symmetric key. */
const MATERIAL_BYTES = 32;

/**
 * Lends the bytes of the file out, and overwrites them afterwards. Nothing is read from the file that is not part of them
 * but one byte, which tells that it is longer.
 *
 * @throws ApiRefusal naming `--import` and never what is in the file.
 */
export async function withMaterial<Result>(file: string, use: (material: Uint8Array) => Promise<Result>) {
  // Not from Node's pool, which other buffers share.
  const bytes = Buffer.alloc(MATERIAL_BYTES + 1);
  try {
    const length = readInto(bytes, file);
    if (length !== MATERIAL_BYTES) throw refusal(wrongLength(file, length));
    return await use(bytes.subarray(0, MATERIAL_BYTES));
  } finally {
    bytes.fill(0);
  }
}

function readInto(bytes: Uint8Array, file: string): number {
  let opened: number | undefined;
  try {
    opened = openSync(file, 'r');
    let length = 0;
    for (;;) {
      const more = readSync(opened, bytes, length, bytes.length - length, null);
      length += more;
      if (more === 0 || length === bytes.length) return length;
    }
  } catch (error) {
    const fault = machineFault(error);
    throw fault === undefined ? error : refusal(fault);
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

function wrongLength(file: string, length: number): string {
  const has = length > MATERIAL_BYTES ? `more than ${MATERIAL_BYTES}` : length;
  return `${file} has ${has} bytes, and a 256-bit key has ${MATERIAL_BYTES}. Give the raw bytes, not text.`;
}

const refusal = (problem: string) => new ApiRefusal('input.invalid', `--import: ${problem}`, 'import');
