/** Entries of a customer's log from an index on, as its files have them: what is signed, and no more. */
import { originOf, readCheckpoint } from '../audit/log/checkpoint';
import { bundlePath, CHECKPOINT_PATH, entriesOf, TILE_WIDTH } from '../audit/log/layout';
import type { AuditObjects } from '../audit/log/ports';
import { KeywrightError } from '../errors';

export type LogFiles = Pick<AuditObjects, 'read'>;

/** A checkpoint as it is published, and how many entries it covers. */
interface Published {
  readonly size: number;
  readonly checkpoint: string;
}

/**
 * The published checkpoint; of size 0 where there is no log yet.
 *
 * @throws KeywrightError `audit.contradicted` when it is another log's; `audit.not-written` (retry) when S3 does not answer.
 */
export async function published(customerId: string, files: LogFiles): Promise<Published> {
  const stored = await files.read(customerId, CHECKPOINT_PATH);
  if (!stored) return { size: 0, checkpoint: '' };
  const checkpoint = Buffer.from(stored.bytes).toString();
  const { origin, size } = readCheckpoint(checkpoint);
  if (origin !== originOf(customerId)) throw unlike(customerId, 'its checkpoint is another log’s');
  return { size, checkpoint };
}

/** How many entries it covers. Throws as `published` does. */
export const publishedSize = async (customerId: string, files: LogFiles): Promise<number> =>
  (await published(customerId, files)).size;

/**
 * The entries from that index to the end of its bundle, or of the log: at least one.
 *
 * @param size Of the log, as its checkpoint says; more than `from`.
 * @throws KeywrightError `audit.contradicted` when the bundle is not there or not whole; `audit.not-written` (retry).
 */
export async function entriesFrom(
  customerId: string,
  from: number,
  size: number,
  files: LogFiles,
): Promise<readonly Uint8Array[]> {
  const bundle = Math.floor(from / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
  const path = bundlePath(bundle, width);
  const stored = await files.read(customerId, path);
  const entries = stored && wholeBundle(stored.bytes);
  if (entries?.length !== width) throw unlike(customerId, `its file ${path} is missing or not whole`);
  return entries.slice(from - bundle * TILE_WIDTH);
}

function wholeBundle(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    return entriesOf(bytes);
  } catch {
    return undefined;
  }
}

function unlike(customerId: string, what: string): KeywrightError {
  const message = `The audit log of ${customerId}: ${what}. Nothing is sent of it. Compare it with a copy (keywright audit verify) and restore the file.`;
  return new KeywrightError('audit.contradicted', message, { customerId });
}
