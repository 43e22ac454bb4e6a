/** A log file in memory, compressed as it was: its hash, and its records, each by a pass of its own over the same bytes. */
import { createHash } from 'node:crypto';
import type { FileRecord, LogFile } from '../../domain/audit/trail/ports';
import { decompressed } from './decompressed';
import { readLog } from './read-log';

/**
 * @param name Its key in the bucket, for provenance.
 * @param bytes As they are stored. A file that cannot be decompressed has the hash of what could be: no digest says that of it.
 */
export async function openedLog(name: string, bytes: Uint8Array): Promise<LogFile> {
  const content = () => decompressed(inPieces(bytes));
  return {
    sha256: await hashOf(content()),
    async read(take) {
      let taken: FileRecord[] = [];
      let damaged = 0;
      await readLog(
        { name, isLines: false, isOthers: false, bytes: content },
        {
          record: (record, received) => void taken.push({ record, received }),
          rejected() {
            damaged += 1;
          },
          other: () => undefined,
          skipped: () => undefined,
          read: () => undefined,
          async settle() {
            const settled = taken;
            taken = [];
            if (settled.length > 0) await take(settled);
          },
        },
      );
      return { damaged };
    },
  };
}

async function hashOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hashing = createHash('sha256');
  try {
    for await (const chunk of content) hashing.update(chunk);
  } catch {
    hashing.update('damaged');
  }
  return hashing.digest('hex');
}

const PIECE_BYTES = 64 * 1024;

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield Buffer.from(bytes.subarray(at, at + PIECE_BYTES));
}
