/** A checkpoint of sum.golang.org, the log of Go's module hashes: signed by somebody else, read by our verifier. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openCheckpoint, readVerifierKey } from 'keywright-verify/note';

const FILE = resolve(__dirname, '../../../shared/data/tlog/checkpoint-sumdb.json');
const { verifierKey, note, origin, size } = JSON.parse(readFileSync(FILE, 'utf8'));

test('the signature of a checkpoint of sum.golang.org holds, and its lines are read', () => {
  const checkpoint = openCheckpoint(note, readVerifierKey(verifierKey), origin);

  console.log('recorded tlog: 1 case ran, 1 passed, 0 out of scope');
  expect(checkpoint).toMatchObject({ origin, size });
  expect(note).toContain(Buffer.from(checkpoint.root).toString('base64'));
});

test('the same checkpoint with another size is refused', () => {
  const forged = note.replace(String(size), String(size + 1));

  expect(() => openCheckpoint(forged, readVerifierKey(verifierKey), origin)).toThrow(/not that of the key/);
});

test('the same checkpoint is refused as one of another log', () => {
  expect(() => openCheckpoint(note, readVerifierKey(verifierKey))).toThrow(/not of sum.golang.org/);
});
