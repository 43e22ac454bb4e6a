/** The vectors in docs/audit-log-format.md, made by the writer and checked by the verifier. `WRITE=1` writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appendAudit } from '../../../shared/domain/audit/append-audit';
import { originOf } from '../../../shared/domain/audit/log/checkpoint';
import { bundlePath } from '../../../shared/domain/audit/log/layout';
import { proofsOf } from '../../../shared/domain/audit/log/proofs';
import { verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { openTree } from '../../../shared/domain/audit/log/tile-tree';
import { leafHash } from '../../../shared/domain/audit/log/tree-hashes';
import { aSigner, entriesFor, memoryAuditPorts } from '../../../test/support/memory-audit';
import { openCheckpoint, readVerifierKey } from '../note';
import { verifyConsistency, verifyInclusion } from '../proofs';

const PAGE = join(__dirname, '../../../docs/audit-log-format.md');
const BLOCK = /(```json\n)([\s\S]*?)(\n```)/;
const ROOT_SIZES = [0, 1, 2, 3, 255, 256, 257, 65_536, 70_000];
const INDEXES = [0, 999, 1_000, 1_234_067];

const base64 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64');
const eventIds = (count: number): string[] => Array.from({ length: count }, (_, at) => `event-${at}`);
const entryOf = (eventId: string): string => entriesFor('acme', [eventId]).entries[0]?.json ?? '';

function rootsOfSizes(): Record<string, string> {
  const tree = openTree(0, []);
  const roots: Record<string, string> = {};
  for (const size of ROOT_SIZES) {
    while (tree.size() < size) tree.append(leafHash(Buffer.from(entryOf(`event-${tree.size()}`))));
    roots[size] = base64(tree.root());
  }
  return roots;
}

async function makeVectors() {
  const ports = memoryAuditPorts();
  await appendAudit(entriesFor('acme', eventIds(3)), ports);
  const files = ports.objects.filesOf('acme');
  const proofs = proofsOf(
    3,
    async (level, index, width) => files.get(`tile/${level}/00${index}.p/${width}`) ?? new Uint8Array(),
  );
  return {
    publicKey: verifierKey(originOf('acme'), await aSigner().publicKey()),
    entries: eventIds(3).map(entryOf),
    entryHashes: eventIds(3).map((eventId) => base64(leafHash(Buffer.from(entryOf(eventId))))),
    'tile/entries/000.p/3': base64(files.get('tile/entries/000.p/3')),
    'tile/0/000.p/3': base64(files.get('tile/0/000.p/3')),
    checkpoint: Buffer.from(files.get('checkpoint') ?? '').toString(),
    inclusionOfEntry1: (await proofs.inclusion(1)).map(base64),
    consistencyOfSize2: (await proofs.consistency(2)).map(base64),
    roots: rootsOfSizes(),
    bundlePaths: Object.fromEntries(INDEXES.map((index) => [index, bundlePath(index, 256)])),
  };
}

test('the vectors of the page are what the log makes', async () => {
  const vectors = await makeVectors();
  const page = readFileSync(PAGE, 'utf8');
  if (process.env['WRITE']) {
    writeFileSync(
      PAGE,
      page.replace(BLOCK, (_, open, _old, close) => open + JSON.stringify(vectors, null, 2) + close),
    );
    return;
  }

  expect(JSON.parse(BLOCK.exec(page)?.[2] ?? '')).toEqual(vectors);
});

test('the verifier, given the vectors of the page and nothing else, accepts them', () => {
  const vectors = JSON.parse(BLOCK.exec(readFileSync(PAGE, 'utf8'))?.[2] ?? '');
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64');

  const tree = openCheckpoint(vectors.checkpoint, readVerifierKey(vectors.publicKey));
  const older = { size: 2, root: bytes(vectors.roots['2']) };

  expect(base64(tree.root)).toBe(vectors.roots['3']);
  expect(
    verifyInclusion({ index: 1, hash: bytes(vectors.entryHashes[1]) }, tree, vectors.inclusionOfEntry1.map(bytes)),
  ).toBe(true);
  expect(verifyConsistency(older, tree, vectors.consistencyOfSize2.map(bytes))).toBe(true);
});
