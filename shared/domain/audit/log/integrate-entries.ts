/**
 * Writes sequenced entries into a log's files: bundles and tiles first, then the checkpoint that covers them, then the
 * head that says so. Dying between any two of these loses nothing: the batches stay until the head has moved, and doing
 * it again comes to the same bytes.
 */
import { auditAppended } from '../../../../events/audit-appended';
import { KeywrightError } from '../../errors';
import type { Clock } from '../../ports';
import { type Checkpoint, originOf, readCheckpoint, signCheckpoint } from './checkpoint';
import { bundleOf, bundlePath, CHECKPOINT_PATH, entriesOf, TILE_WIDTH, tilePath } from './layout';
import type { AuditBatch, AuditHead, AuditObjects, AuditSequence, CheckpointSigner } from './ports';
import { timeOf } from './signed-note';
import { edgeOf, openTree, type Tile } from './tile-tree';
import { leafHash } from './tree-hashes';

export interface IntegratePorts {
  readonly sequence: AuditSequence;
  readonly objects: AuditObjects;
  readonly signer: CheckpointSigner;
  readonly clock: Clock;
}

/** At most so many batches, some 7 MB, are in memory at a time. */
const BATCHES_AT_ONCE = 20;
/** Rounds of that many batches in one call: what is left after them waits for the next. */
const ROUNDS_MAX = 50;
/** A checkpoint that others keep replacing while we try is theirs to write. */
const CHECKPOINT_TRIES = 5;

/**
 * Integrates whatever is sequenced and not yet integrated. Safe to repeat, and to run twice at once.
 *
 * @throws KeywrightError `state.changed-meanwhile` (retry), `audit.not-written` (retry), `audit.contradicted` when a
 *   stored file is not what the log's own history makes it, and what the ports throw.
 */
export async function integrate(from: AuditHead, ports: IntegratePorts): Promise<AuditHead> {
  let head = from;
  for (let round = 0; round < ROUNDS_MAX && head.integrated < head.size; round++) {
    head = await integrateSome(head, ports);
  }
  return head;
}

async function integrateSome(head: AuditHead, ports: IntegratePorts): Promise<AuditHead> {
  const { customerId } = head;
  const batches = await pendingBatches(head, ports.sequence);
  const { tree, edgeBundle } = await openLog(head, ports.objects);
  const entries = batches.flatMap((batch) => batch.entries);
  const tiles = entries.flatMap((entry) => tree.append(leafHash(entry)));

  const files = [...bundleFiles(head.integrated, edgeBundle, entries), ...tileFiles([...tiles, ...tree.changedEdge()])];
  await Promise.all(files.map((file) => writeOnce(customerId, file, ports.objects)));
  const checkpoint = { origin: originOf(customerId), size: tree.size(), rootHash: tree.root() };
  await publish(checkpoint, head, ports);

  const fact = auditAppended.of({
    factId: `audit-appended/${customerId}/${checkpoint.size}`,
    at: ports.clock.now(),
    customerId,
    fromIndex: head.integrated,
    size: checkpoint.size,
    rootHash: Buffer.from(checkpoint.rootHash).toString('base64'),
  });
  const integrated = { ...checkpoint, batches: batches.map((batch) => batch.firstIndex) };
  return ports.sequence.settle(head, integrated, fact);
}

/** Each batch says where the next begins, so that they are found without a search. */
async function pendingBatches(head: AuditHead, sequence: AuditSequence): Promise<readonly AuditBatch[]> {
  const batches: AuditBatch[] = [];
  let next = head.integrated;
  while (next < head.size && batches.length < BATCHES_AT_ONCE) {
    const batch = await sequence.batch(head.customerId, next);
    if (batch === undefined) throw changedMeanwhile(head);
    batches.push(batch);
    next += batch.entries.length;
  }
  return batches;
}

const changedMeanwhile = ({ customerId, integrated }: AuditHead): KeywrightError =>
  new KeywrightError('state.changed-meanwhile', `Somebody else is integrating the audit log of ${customerId}.`, {
    customerId,
    integrated,
  });

/** The right edge of the log, believed only if it leads to the root that was last signed. */
async function openLog(head: AuditHead, objects: AuditObjects) {
  const { customerId, integrated } = head;
  const width = integrated % TILE_WIDTH;
  const bundle = bundlePath(Math.floor(integrated / TILE_WIDTH), width);
  const [edgeBundle, ...edge] = await Promise.all([
    width > 0 ? readFile(customerId, bundle, objects) : new Uint8Array(),
    ...edgeOf(integrated).map((tile) => readTile(customerId, tile, objects)),
  ]);
  const tree = openTree(integrated, edge);
  if (Buffer.compare(tree.root(), head.rootHash) !== 0) {
    throw contradicted(customerId, `The tiles of its first ${integrated} entries do not lead to the root it signed.`);
  }
  const leaves = Buffer.concat(entriesOf(edgeBundle).map(leafHash));
  if (width > 0 && edge[0] && Buffer.compare(leaves, edge[0].hashes) !== 0) {
    throw contradicted(customerId, `Its file ${bundle} has entries that it did not sign.`);
  }
  return { tree, edgeBundle };
}

async function readTile(customerId: string, tile: Omit<Tile, 'hashes'>, objects: AuditObjects): Promise<Tile> {
  const path = tilePath(tile.level, tile.index, tile.width);
  return { ...tile, hashes: await readFile(customerId, path, objects) };
}

async function readFile(customerId: string, path: string, objects: AuditObjects): Promise<Uint8Array> {
  const stored = await objects.read(customerId, path);
  if (stored === undefined) throw contradicted(customerId, `Its file ${path} is missing.`);
  return stored.bytes;
}

interface File {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The bundles that new entries go into; the first continues the one at the edge. */
function bundleFiles(integrated: number, edgeBundle: Uint8Array, entries: readonly Uint8Array[]): readonly File[] {
  const files: File[] = [];
  let index = Math.floor(integrated / TILE_WIDTH);
  let all = [...entriesOf(edgeBundle), ...entries];
  while (all.length > 0) {
    const bundle = all.slice(0, TILE_WIDTH);
    files.push({ path: bundlePath(index, bundle.length), bytes: bundleOf(bundle) });
    all = all.slice(TILE_WIDTH);
    index += 1;
  }
  return files;
}

const tileFiles = (tiles: readonly Tile[]): readonly File[] =>
  tiles.map(({ level, index, width, hashes }) => ({ path: tilePath(level, index, width), bytes: hashes }));

/** The path says which entries a file is made of, so whoever wrote it before must have written the same. */
async function writeOnce(customerId: string, { path, bytes }: File, objects: AuditObjects): Promise<void> {
  if (await objects.create(customerId, path, bytes)) return;
  const stored = await readFile(customerId, path, objects);
  if (Buffer.compare(stored, bytes) !== 0) throw contradicted(customerId, `Its file ${path} has other bytes.`);
}

/** Signs and stores the checkpoint, unless one at least as large is there: an older never takes the place of a newer. */
async function publish(checkpoint: Checkpoint, head: AuditHead, ports: IntegratePorts): Promise<void> {
  const { objects, signer } = ports;
  const { customerId } = head;
  let note: Uint8Array | undefined;
  for (let attempt = 0; attempt < CHECKPOINT_TRIES; attempt++) {
    const stored = await objects.read(customerId, CHECKPOINT_PATH);
    if (stored !== undefined && (await isPublished(checkpoint, stored.bytes, head, ports))) return;
    // Not before: what is contradicted by the file there, or in it already, is not signed.
    note ??= Buffer.from(await signCheckpoint(checkpoint, signer, ports.clock.now()));
    const written =
      stored === undefined
        ? await objects.create(customerId, CHECKPOINT_PATH, note)
        : await objects.replace(customerId, CHECKPOINT_PATH, note, stored.tag);
    if (written) return;
  }
  throw new KeywrightError('audit.not-written', `The checkpoint of ${customerId} kept changing. Try again.`, {
    customerId,
  });
}

/**
 * Signs the stored checkpoint anew, with nothing changed but its time, where that is not after `before`. Safe to repeat, and to run
 * twice at once: what took its place meanwhile was signed just now, and stays.
 *
 * @returns since when it says so, UTC; undefined where the log has no entry.
 * @throws KeywrightError `audit.contradicted` when what is stored is not what was signed last, and what the ports throw.
 */
export async function renewCheckpoint(
  head: AuditHead,
  before: string,
  ports: IntegratePorts,
): Promise<string | undefined> {
  const { customerId, integrated: size, rootHash } = head;
  if (size === 0) return undefined;
  const checkpoint = { origin: originOf(customerId), size, rootHash };
  const stored = await ports.objects.read(customerId, CHECKPOINT_PATH);
  if (stored === undefined) throw contradicted(customerId, 'Its checkpoint is missing.');
  if (!(await isPublished(checkpoint, stored.bytes, head, ports))) {
    throw contradicted(customerId, 'Its stored checkpoint is older than the one it signed last.');
  }
  const note = Buffer.from(stored.bytes).toString();
  const now = ports.clock.now();
  const signedAt = await timeOf(note, checkpoint.origin, ports.signer);
  if (signedAt !== undefined && signedAt > before && signedAt <= now) return signedAt;
  if (readCheckpoint(note).size > size) throw changedMeanwhile(head);
  const renewed = Buffer.from(await signCheckpoint(checkpoint, ports.signer, now));
  await ports.objects.replace(customerId, CHECKPOINT_PATH, renewed, stored.tag);
  return now;
}

/** Whether the stored checkpoint covers ours, as it does when somebody else was faster or we died after writing it. */
async function isPublished(
  checkpoint: Checkpoint,
  note: Uint8Array,
  { customerId }: AuditHead,
  { sequence }: IntegratePorts,
): Promise<boolean> {
  const stored = readCheckpoint(Buffer.from(note).toString());
  if (stored.origin !== checkpoint.origin) throw contradicted(customerId, 'Its stored checkpoint is another log’s.');
  if (stored.size < checkpoint.size) return false;
  const isSame = Buffer.compare(stored.rootHash, checkpoint.rootHash) === 0;
  if (stored.size === checkpoint.size && isSame) return true;
  const { size } = await sequence.head(customerId);
  if (stored.size > checkpoint.size && stored.size <= size) return true;
  throw contradicted(customerId, `Its stored checkpoint of size ${stored.size} is not of this history.`);
}

function contradicted(customerId: string, what: string): KeywrightError {
  const wayOut = 'Nothing was signed. Compare the log with a copy (keywright audit verify) and restore the file.';
  return new KeywrightError('audit.contradicted', `The audit log of ${customerId}: ${what} ${wayOut}`, { customerId });
}
