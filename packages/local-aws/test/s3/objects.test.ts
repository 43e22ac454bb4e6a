import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { administratorOf, localWorld } from '../support/local-world';
import { ACCOUNT, anS3 } from './fixture';

async function aBucket(options: Parameters<typeof anS3>[0] = {}) {
  const s3 = anS3(options);
  await s3.ask('PUT', '/logs');
  return s3;
}

test('an object is read as it was written, with its headers, metadata and MD5 as ETag', async () => {
  const { put, ask } = await aBucket();
  const written = await put('/logs/a/b', 'hello', {
    'content-type': 'text/plain',
    'content-encoding': 'aws-chunked,gzip',
    'x-amz-meta-customer': 'acme',
  });

  const answer = await ask('GET', '/logs/a/b');
  expect(answer.text).toBe('hello');
  expect(answer.headers).toMatchObject({
    etag: `"${createHash('md5').update('hello').digest('hex')}"`,
    'content-type': 'text/plain',
    'content-encoding': 'gzip',
    'content-length': '5',
    'x-amz-meta-customer': 'acme',
  });
  expect(written.headers['etag']).toBe(answer.headers['etag']);
  expect(await ask('HEAD', '/logs/a/b')).toMatchObject({ text: '', headers: { 'content-length': '5' } });
});

test('keys are any text: percent-encoded on the wire, with plus and slash as they are', async () => {
  const { put, ask, read } = await aBucket();
  await put('/logs/a%20b+c/%C3%A9%26', 'x');

  expect(await read('/logs/a%20b+c/%C3%A9%26')).toBe('x');
  expect((await ask('GET', '/logs?list-type=2')).text).toContain('<Key>a b+c/é&amp;</Key>');
});

test('If-None-Match: * lets exactly the first writer in', async () => {
  const { put, refused, read } = await aBucket();
  await put('/logs/one', 'first', { 'if-none-match': '*' });

  const error = await refused('PUT', '/logs/one', { body: 'second', headers: { 'if-none-match': '*' } });
  expect(error).toMatchObject({ code: 'PreconditionFailed', status: 412 });
  expect(await read('/logs/one')).toBe('first');
});

test('If-Match lets only a writer in who has seen the latest', async () => {
  const { put, refused, read } = await aBucket();
  const { headers } = await put('/logs/one', 'first');
  const seen = { 'if-match': headers['etag'] };
  await put('/logs/one', 'second', seen);

  expect((await refused('PUT', '/logs/one', { body: 'third', headers: seen })).code).toBe('PreconditionFailed');
  expect((await refused('PUT', '/logs/other', { body: 'x', headers: seen })).code).toBe('NoSuchKey');
  expect(await read('/logs/one')).toBe('second');
});

test('a reader who has the latest gets 304 and no bytes', async () => {
  const { put, ask } = await aBucket();
  const { headers } = await put('/logs/one', 'first');

  expect(await ask('GET', '/logs/one', { headers: { 'if-none-match': headers['etag'] } })).toMatchObject({
    status: 304,
    text: '',
  });
});

test.each([
  ['bytes=0-1', 'he', 'bytes 0-1/5'],
  ['bytes=2-', 'llo', 'bytes 2-4/5'],
  ['bytes=-2', 'lo', 'bytes 3-4/5'],
  ['bytes=3-99', 'lo', 'bytes 3-4/5'],
])('the range %s of hello is %s', async (range, text, contentRange) => {
  const { put, ask } = await aBucket();
  await put('/logs/one', 'hello');

  const answer = await ask('GET', '/logs/one', { headers: { range } });
  expect(answer).toMatchObject({
    status: 206,
    text,
    headers: { 'content-range': contentRange, 'content-length': String(text.length) },
  });
});

test('a range behind the end is refused', async () => {
  const { put, refused } = await aBucket();
  await put('/logs/one', 'hello');
  expect(await refused('GET', '/logs/one', { headers: { range: 'bytes=5-' } })).toMatchObject({
    code: 'InvalidRange',
    status: 416,
  });
});

test.each([
  ['content-md5', 'XUFAKrxLKna5cZ2REBfFkg==', 'lVSVRyYpUm+KHVvk+A1R9w=='],
  ['x-amz-checksum-crc32', 'NhCmhg==', 'AAAAAA=='],
  ['x-amz-checksum-sha256', 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=', 'AAAA'],
])('%s is checked against the bytes that came', async (header, right, wrong) => {
  const { put, refused, read } = await aBucket();
  await put('/logs/one', 'hello', { [header]: right });

  expect((await refused('PUT', '/logs/two', { body: 'hello', headers: { [header]: wrong } })).code).toMatch(
    /^(Bad|Invalid)Digest$/,
  );
  expect(await read('/logs/two')).toBe('NoSuchKey');
});

test('a checksum comes back only to a reader who asks for it', async () => {
  const { put, ask } = await aBucket();
  await put('/logs/one', 'hello', { 'x-amz-checksum-crc32': 'NhCmhg==' });

  const asked = await ask('GET', '/logs/one', { headers: { 'x-amz-checksum-mode': 'ENABLED' } });
  expect(asked.headers['x-amz-checksum-crc32']).toBe('NhCmhg==');
  expect((await ask('GET', '/logs/one')).headers).not.toHaveProperty('x-amz-checksum-crc32');
});

test('deleting is safe to repeat, one key or many', async () => {
  const { put, ask, read } = await aBucket();
  await put('/logs/one', 'x');
  await put('/logs/two', 'x');
  await ask('DELETE', '/logs/one');
  await ask('DELETE', '/logs/one');

  const body = '<Delete><Object><Key>two</Key></Object><Object><Key>three</Key></Object></Delete>';
  const { text } = await ask('POST', '/logs?delete', { body });

  expect(text).toContain('<Deleted><Key>two</Key></Deleted><Deleted><Key>three</Key></Deleted>');
  expect([await read('/logs/one'), await read('/logs/two')]).toEqual(['NoSuchKey', 'NoSuchKey']);
});

test('a bucket that keeps versions gives every earlier one, and deleting puts a marker on top', async () => {
  const { put, ask, read } = await aBucket();
  await put('/logs/early', 'before versions');
  await put('/logs?versioning', '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>');
  const first = await put('/logs/one', 'first');
  await put('/logs/one', 'second');
  await put('/logs/early', 'after');
  const marker = await ask('DELETE', '/logs/one');

  expect(marker.headers['x-amz-delete-marker']).toBe('true');
  expect(await read('/logs/one')).toBe('NoSuchKey');
  expect(await read(`/logs/one?versionId=${first.headers['x-amz-version-id']}`)).toBe('first');
  expect(await read('/logs/early?versionId=null')).toBe('before versions');

  await ask('DELETE', `/logs/one?versionId=${marker.headers['x-amz-version-id']}`);
  expect(await read('/logs/one')).toBe('second');
  const { text } = await ask('GET', '/logs?versions&prefix=one');
  expect(text.match(/<Version>/g)).toHaveLength(2);
});

test('a version that Object Lock holds cannot be deleted before its time', async () => {
  const { world, put, ask, refused } = anS3();
  await ask('PUT', '/audit', { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } });
  const rule = '<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>30</Days></DefaultRetention></Rule>';
  await put('/audit?object-lock', `<ObjectLockConfiguration>${rule}</ObjectLockConfiguration>`);
  const { headers } = await put('/audit/checkpoint', 'signed');
  const version = `/audit/checkpoint?versionId=${headers['x-amz-version-id']}`;

  expect(await refused('DELETE', version)).toMatchObject({ code: 'AccessDenied', status: 403 });
  world.clock.advance(30 * 86_400_000);
  expect((await ask('DELETE', version)).status).toBe(204);
});

test('without leave to list the bucket, a missing key and a forbidden one look the same', async () => {
  const { iam, put, ask, refused } = await aBucket();
  await put('/logs/one', 'x');
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/reader`;
  const Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::logs/*' };
  iam.putRole({
    arn: roleArn,
    name: 'reader',
    accountId: ACCOUNT,
    principalId: 'AROAREADER',
    trustPolicy: { Statement: [] },
    policies: [{ Version: '2012-10-17', Statement }],
  });
  const { accessKeyId } = iam.openSession(roleArn, 'test', 3_600);
  const caller = iam.principalOf(accessKeyId);
  if (caller === undefined) throw new Error('the session has no principal');

  expect((await ask('GET', '/logs/one', { caller })).text).toBe('x');
  expect((await refused('GET', '/logs/two', { caller })).code).toBe('AccessDenied');
  expect((await refused('PUT', '/logs/one', { caller, body: 'y' })).code).toBe('AccessDenied');
});

test('a bucket policy lets another account in, and only as far as it says', async () => {
  const { put, ask, refused } = await aBucket();
  await put('/logs/one', 'x');
  const caller = administratorOf('999988887777');
  expect((await refused('GET', '/logs/one', { caller })).code).toBe('AccessDenied');
  const Statement = {
    Effect: 'Allow',
    Principal: { AWS: '999988887777' },
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::logs/*',
  };
  await put('/logs?policy', JSON.stringify({ Version: '2012-10-17', Statement }));

  expect((await ask('GET', '/logs/one', { caller })).text).toBe('x');
  expect((await refused('DELETE', '/logs/one', { caller })).code).toBe('AccessDenied');
});

test('objects and their bytes outlive a kill; bytes that no row refers to are swept away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 's3-'));
  const before = await aBucket({ world: localWorld({ folder }), folder });
  await before.put('/logs/one', 'first');
  await before.put('/logs/one', 'second');
  await before.put('/logs/two', 'x');
  await before.ask('DELETE', '/logs/two');
  expect(readdirSync(join(folder, 'objects'))).toHaveLength(1);
  writeFileSync(join(folder, 'objects', 'half-written'), 'hal');

  const after = anS3({ world: localWorld({ folder }), folder });
  expect(await after.read('/logs/one')).toBe('second');
  expect(await after.read('/logs/two')).toBe('NoSuchKey');
  expect(readdirSync(join(folder, 'objects'))).toHaveLength(1);
});

test('a copy has the bytes and headers of its source', async () => {
  const { put, ask } = await aBucket();
  await put('/logs/one', 'hello', { 'x-amz-meta-customer': 'acme' });
  await put('/logs/two', '', { 'x-amz-copy-source': '/logs/one' });

  expect(await ask('GET', '/logs/two')).toMatchObject({ text: 'hello', headers: { 'x-amz-meta-customer': 'acme' } });
});
