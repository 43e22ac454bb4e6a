/** The customers' audit streams in the output folder: opened when they are first needed, closed under a signature. */
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { readFileWithin } from 'safe-files/read-file';
import { type FolderAuditLog, openFolderAuditLog } from '../../shared/adapters/folder-audit-log';
import { namesOfEntry } from '../../shared/domain/audit/audit-entry';
import { namesOfOwn } from '../../shared/domain/audit/dedupe-names';
import { originOf } from '../../shared/domain/audit/log/checkpoint';
import type { CheckpointSigner } from '../../shared/domain/audit/log/ports';
import { verifierKey } from '../../shared/domain/audit/log/signed-note';
import { KeywrightError } from '../../shared/domain/errors';
import { folderOf } from './customers';
import { writeIfChanged } from './output-files';
import { IN_STREAM, type SeenIds } from './seen-ids';

export interface Stream {
  readonly customerId: string;
  /** Tells this stream's names apart from others' among the seen ids. */
  readonly number: number;
  readonly log: FolderAuditLog;
}

export interface Streams {
  /** Opens a customer's stream and remembers what it holds. The same stream on every call. */
  open(customerId: string): Promise<Stream>;
  /** The stream when it is open already. */
  opened(customerId: string): Stream | undefined;
  /**
   * Signs every stream and writes the public keys. Writes nothing where nothing changed.
   *
   * @throws KeywrightError `audit.contradicted` when the output folder was moved, and what the streams throw.
   */
  close(): Promise<ReadonlyMap<string, { readonly size: number; readonly rootHash: string }>>;
}

/** @param isOurs whether the path of the output folder still leads to the one that was taken. */
export function streamsIn(out: string, signer: CheckpointSigner, seen: SeenIds, isOurs: () => boolean): Streams {
  const streams = new Map<string, Stream>();

  return {
    opened: (customerId) => streams.get(customerId),
    async open(customerId) {
      const open = streams.get(customerId);
      if (open) return open;
      const folder = join(out, folderOf(customerId));
      refuseLink(folder);
      const log = await openFolderAuditLog(folder, { origin: originOf(customerId), signer, isOurs });
      const stream = { customerId, number: streams.size + 1, log };
      for (const entry of log.entries()) {
        for (const name of namesIn(entry, folder)) seen.mark(name, stream.number, IN_STREAM);
      }
      streams.set(customerId, stream);
      return stream;
    },
    async close() {
      const ends = new Map<string, { readonly size: number; readonly rootHash: string }>();
      for (const { customerId, log } of streams.values()) ends.set(customerId, await log.checkpoint());
      if (!isOurs()) {
        const message = `${out} was moved while it was written. Run the same command again where it is now.`;
        throw new KeywrightError('audit.contradicted', message, { folder: out });
      }
      await writePublicKeys(out, [...streams.keys()], signer);
      return ends;
    },
  };
}

/** What is locked is the output folder: a link leads out of it, where another process may write the same stream. */
function refuseLink(folder: string): void {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const message = `${folder} is a link. Put the folder that it leads to in its place, or name another --out.`;
  throw new KeywrightError('input.invalid', message, { folder });
}

/** @throws KeywrightError `audit.contradicted` for an entry that was not written by us. */
function namesIn(entry: Uint8Array, folder: string): readonly string[] {
  try {
    return namesOfOwn(namesOfEntry(entry)).dedupeKeys;
  } catch (cause) {
    const message = `The log in ${folder} holds an entry that names no event. See \`keywright audit verify\`.`;
    throw new KeywrightError('audit.contradicted', message, { folder }, { cause });
  }
}

/** As many as `audit verify` reads. */
const PUBLIC_KEYS_BYTES_MAX = 16 * 1024 * 1024;

/** One line a stream in `public-keys`, and each customer's own beside their stream. */
async function writePublicKeys(out: string, customerIds: readonly string[], signer: CheckpointSigner): Promise<void> {
  const publicKey = await signer.publicKey();
  const path = join(out, 'public-keys');
  const lines = new Set(
    existsSync(path) ? readFileWithin(path, PUBLIC_KEYS_BYTES_MAX).toString('utf8').split('\n').filter(Boolean) : [],
  );
  for (const customerId of customerIds) {
    const line = verifierKey(originOf(customerId), publicKey);
    writeIfChanged(join(out, folderOf(customerId), 'public-key'), `${line}\n`);
    lines.add(line);
  }
  if (lines.size > 0) writeIfChanged(path, `${[...lines].sort().join('\n')}\n`);
}
