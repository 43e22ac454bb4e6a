/** A checkpoint of sum.golang.org, the log of Go's module hashes: signed by somebody else, read by our verifier. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openCheckpoint, readVerifierKey } from 'keywright-verify/note';

const FILE = resolve(__dirname, '../../../shared/data/tlog/checkpoint-sumdb.json');
const { verifierKey, note } = JSON.parse(readFileSync(FILE, 'utf8'));

/** What the log is called, and how long it was: the first two lines of the note, as a person reads them. */
const ORIGIN = 'go.sum database tree';
const SIZE = 6_476_701;

test('the signature of a checkpoint of sum.golang.org holds, and its lines are read', () => {
  const checkpoint = openCheckpoint(note, readVerifierKey(verifierKey), ORIGIN);

  expect(checkpoint).toMatchObject({ origin: ORIGIN, size: SIZE });
  expect(Buffer.from(checkpoint.root).toString('base64')).toBe(note.split('\n')[2]);
  expect(checkpoint.root).toHaveLength(32);
  console.log('recorded tlog: 1 case ran, 1 passed, 0 out of scope');
});

test('the same checkpoint with another size is refused', () => {
  const forged = note.replace(String(SIZE), String(SIZE + 1));

  expect(forged).not.toBe(note);
  expect(() => openCheckpoint(forged, readVerifierKey(verifierKey), ORIGIN)).toThrow(/not signed with the key/);
});

test('the same checkpoint is refused as one of another log', () => {
  expect(() => openCheckpoint(note, readVerifierKey(verifierKey))).toThrow(/not of sum.golang.org/);
});
