import { gunzipSync, gzipSync } from 'node:zlib';
import { faultOfDigest, isLinked, linkTo, readDigest } from '../../../../../shared/domain/audit/trail/digest';
import type { StoredDigest } from '../../../../../shared/domain/audit/trail/ports';
import { ACCOUNT, aKmsRecord } from '../../../../support/cloudtrail-records';
import { memoryTrail } from '../../../../support/memory-trail';

const trail = memoryTrail('2026-11-24T01:00:00.000Z');
trail.deliver('2026-11-24T01:10', [aKmsRecord()]);
const FIRST = trail.digestUntil('2026-11-24T02:00:00.000Z');
const SECOND = trail.digestUntil('2026-11-24T03:00:00.000Z');

const stored = async (key: string): Promise<StoredDigest> => {
  const digest = await trail.files.digest(key);
  if (!digest) throw new Error(`${key} is there`);
  return digest;
};
const fault = async (digest: StoredDigest, accountId = ACCOUNT) =>
  faultOfDigest(digest, readDigest(digest), { accountId, keys: await trail.keys.publicKeys('', '') });
const changed = (digest: StoredDigest, from: string, to: string): StoredDigest => ({
  ...digest,
  bytes: Buffer.from(Buffer.from(digest.bytes).toString().replace(from, to)),
});

test('a chain as CloudTrail signs it has no fault, its first digest included', async () => {
  expect(await fault(await stored(FIRST))).toBeUndefined();
  expect(await fault(await stored(SECOND))).toBeUndefined();
  expect(isLinked(readDigest(await stored(SECOND)), linkTo(await stored(FIRST)))).toBe(true);
});

test.each([
  ['another hash of a log file', (text: string) => text.replace(/"hashValue":"./, '"hashValue":"f')],
  ['a log file that is no longer listed', (text: string) => text.replace(/"logFiles":\[.*\]/, '"logFiles":[]')],
  [
    'another end',
    (text: string) => text.replace('"digestEndTime":"2026-11-24T02:00:00Z"', '"digestEndTime":"2026-11-24T02:00:01Z"'),
  ],
])('%s breaks the signature', async (_, tamper) => {
  const digest = await stored(FIRST);
  const bytes = Buffer.from(tamper(Buffer.from(digest.bytes).toString()));

  expect(bytes.equals(digest.bytes)).toBe(false);
  expect(await fault({ ...digest, bytes })).toBe('digest-signature-invalid');
});

test.each([
  ['absent', undefined],
  ['no hex', 'zz'],
  ['cut', 'ab'],
])('a signature that is %s is none', async (_, signature) => {
  const { signature: _was, ...digest } = await stored(FIRST);

  expect(await fault({ ...digest, ...(signature !== undefined && { signature }) })).toBe('digest-signature-invalid');
});

test('a digest under another name, or of another account, is misplaced, however well signed', async () => {
  const digest = await stored(FIRST);

  expect(await fault({ ...digest, key: SECOND })).toBe('digest-misplaced');
  expect(await fault(digest, '999999999999')).toBe('digest-misplaced');
});

test('without the key that it names nothing is known of it', async () => {
  const digest = await stored(FIRST);
  const others = await memoryTrail('2026-11-24T01:00:00.000Z').keys.publicKeys('', '');

  expect(faultOfDigest(digest, readDigest(digest), { accountId: ACCOUNT, keys: others })).toBe('digest-key-unknown');
});

test('a link is broken by another hash, another signature or another name', async () => {
  const digest = readDigest(await stored(SECOND));
  const link = linkTo(await stored(FIRST));

  for (const other of [{ sha256: '0'.repeat(64) }, { signature: '00' }, { key: 'x' }, { bucket: 'x' }])
    expect(isLinked(digest, { ...link, ...other })).toBe(false);
  expect(isLinked(readDigest(await stored(FIRST)), link)).toBe(false);
});

test('a digest that is none says which field is at fault', async () => {
  const digest = await stored(FIRST);

  expect(() => readDigest({ ...digest, bytes: Buffer.from('{"a') })).toThrow('digest: is no JSON');
  expect(() => readDigest(changed(digest, 'SHA256withRSA', 'MD5withRSA'))).toThrow('digest.digestSignatureAlgorithm');
  expect(() => readDigest(changed(digest, '"SHA-256"', '"MD5"'))).toThrow('hashAlgorithm');
});

test('a changed log file has another hash than its digest says', async () => {
  const [listed] = readDigest(await stored(FIRST)).logFiles;
  if (!listed) throw new Error('one is listed');
  const before = trail.objects.get(listed.key);
  const body = gzipSync(
    gunzipSync(before?.body ?? Buffer.alloc(0))
      .toString()
      .replace('Decrypt', 'Encrypt'),
  );
  trail.objects.set(listed.key, { body, metadata: {} });
  const file = await trail.files.logFile(listed.bucket, listed.key);

  expect(file).not.toMatchObject({ sha256: listed.sha256 });
  trail.objects.set(listed.key, before ?? { body, metadata: {} });
});
