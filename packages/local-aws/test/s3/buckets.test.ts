import fc from 'fast-check';
import { type ListPage, listPage } from '../../s3/listing';
import { administratorOf } from '../support/local-world';
import { anS3 } from './fixture';

test('a bucket name belongs to one account in all the world', async () => {
  const { ask, refused } = anS3();
  await ask('PUT', '/logs');

  expect((await refused('PUT', '/logs')).code).toBe('BucketAlreadyOwnedByYou');
  expect((await refused('PUT', '/logs', { caller: administratorOf('999988887777') })).code).toBe('BucketAlreadyExists');
  expect((await ask('GET', '/')).text).toContain('<Name>logs</Name>');
  expect((await ask('GET', '/', { caller: administratorOf('999988887777') })).text).not.toContain('<Name>logs</Name>');
});

test.each(['ab', 'Upper', 'under_score', '192.168.0.1', 'dots..dots', '-dash'])(
  '%s is no bucket name',
  async (name) => {
    expect((await anS3().refused('PUT', `/${name}`)).code).toBe('InvalidBucketName');
  },
);

test('a bucket is deleted only when nothing is in it, not even an old version', async () => {
  const { ask, put, refused } = anS3();
  await ask('PUT', '/logs');
  await put('/logs/one', 'x');
  expect((await refused('DELETE', '/logs')).code).toBe('BucketNotEmpty');
  await ask('DELETE', '/logs/one');

  expect((await ask('DELETE', '/logs')).status).toBe(204);
  expect((await refused('HEAD', '/logs')).code).toBe('NoSuchBucket');
});

test.each([
  ['encryption', '<ServerSideEncryptionConfiguration/>', 'ServerSideEncryptionConfigurationNotFoundError'],
  ['publicAccessBlock', '<PublicAccessBlockConfiguration/>', 'NoSuchPublicAccessBlockConfiguration'],
  ['policy', '{"Version":"2012-10-17","Statement":[]}', 'NoSuchBucketPolicy'],
])('the configuration %s comes back as it was put, and is gone when deleted', async (name, document, absent) => {
  const { ask, put, refused } = anS3();
  await ask('PUT', '/logs');
  expect((await refused('GET', `/logs?${name}`)).code).toBe(absent);
  await put(`/logs?${name}`, document);
  expect((await ask('GET', `/logs?${name}`)).text).toBe(document);

  await ask('DELETE', `/logs?${name}`);
  expect((await refused('GET', `/logs?${name}`)).code).toBe(absent);
});

test('a policy that is no JSON is refused and changes nothing', async () => {
  const { ask, put, refused } = anS3();
  await ask('PUT', '/logs');
  await put('/logs?policy', '{"Statement":[]}');
  expect((await refused('PUT', '/logs?policy', { body: 'allow all' })).code).toBe('MalformedPolicy');
  expect((await ask('GET', '/logs?policy')).text).toBe('{"Statement":[]}');
});

test('what is not built is refused as such, not taken for an upload', async () => {
  const { ask, refused } = anS3();
  await ask('PUT', '/logs');
  expect(await refused('PUT', '/logs/one?uploadId=1&partNumber=1', { body: 'x' })).toMatchObject({
    code: 'NotImplemented',
    status: 501,
  });
});

test('a list groups by the delimiter and goes on where its page ended', async () => {
  const { ask, put } = anS3();
  await ask('PUT', '/logs');
  for (const key of ['a/1', 'a/2', 'b', 'c/1']) await put(`/logs/${key}`, 'x');

  const first = (await ask('GET', '/logs?list-type=2&delimiter=/&max-keys=2')).text;
  expect(first).toContain('<IsTruncated>true</IsTruncated>');
  expect(first).toContain('<Contents><Key>b</Key>');
  expect(first).toContain('<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>');
  const token = /<NextContinuationToken>(.*?)</.exec(first)?.[1] ?? '';
  const second = (await ask('GET', `/logs?list-type=2&delimiter=/&continuation-token=${encodeURIComponent(token)}`))
    .text;
  expect(second).toContain('<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>');
  expect(second).not.toContain('<Key>b</Key>');
});

test('pages of any size, taken together, are every key under the prefix once, grouped or itself', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '😀', '\uff5e'), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      fc.uniqueArray(key),
      key,
      fc.constantFrom('', '/'),
      fc.integer({ min: 1, max: 4 }),
      (keys, start, delimiter, maxKeys) => {
        const prefix = start.slice(0, 1);
        const sorted = keys
          .map((each) => ({ key: each }))
          .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
        const items: string[] = [];
        const groups: string[] = [];
        let after: string | undefined = '';
        for (let pages = 0; after !== undefined && pages <= keys.length; pages++) {
          const page: ListPage<{ key: string }> = listPage(sorted, { prefix, delimiter, maxKeys, after });
          expect(page.items.length + page.commonPrefixes.length).toBeLessThanOrEqual(maxKeys);
          items.push(...page.items.map((item) => item.key));
          groups.push(...page.commonPrefixes);
          after = page.nextAfter;
        }

        const under = sorted.map((item) => item.key).filter((each) => each.startsWith(prefix));
        const groupOf = (each: string) => (delimiter === '' ? -1 : each.indexOf(delimiter, prefix.length));
        expect(after).toBeUndefined();
        expect(items).toEqual(under.filter((each) => groupOf(each) === -1));
        expect(groups).toEqual([
          ...new Set(under.filter((each) => groupOf(each) !== -1).map((each) => each.slice(0, groupOf(each) + 1))),
        ]);
      },
    ),
  );
});
