/** Making, finding and listing buckets. */
import { instantOf } from '../clock';
import type { RestAnswer, RestRequest } from '../door/rest';
import { element, textElement } from '../door/xml';
import { type Bucket, bucketArn, checkBucketName, requireIn } from './buckets';
import { type BucketRequest, emptyAnswer, type S3, xmlAnswer } from './context';
import { s3Error } from './errors';
import { listPage } from './listing';
import type { ObjectVersion } from './objects';

/** Source: ListObjectsV2 in the S3 API reference. */
const KEYS_MAX = 1_000;

export function bucketOperations(s3: S3) {
  const { iam, buckets, objects, world } = s3;

  return {
    listBuckets({ caller }: RestRequest): RestAnswer {
      const { accountId } = caller;
      iam.require(caller, { action: 's3:ListAllMyBuckets', resource: '*', resourceAccountId: accountId });
      const own = [...buckets.all()].filter((bucket) => bucket.accountId === accountId);
      const owner = element('Owner', textElement('ID', accountId));
      const rows = own.sort((a, b) => (a.name < b.name ? -1 : 1)).map(bucketXml);
      return xmlAnswer('ListAllMyBucketsResult', owner + element('Buckets', rows.join('')));
    },

    createBucket({ caller, headers, region }: RestRequest, name: string): RestAnswer {
      checkBucketName(name);
      const { accountId } = caller;
      iam.require(caller, { action: 's3:CreateBucket', resource: bucketArn(name), resourceAccountId: accountId });
      const existing = buckets.find(name);
      if (existing !== undefined) {
        throw s3Error(existing.accountId === accountId ? 'BucketAlreadyOwnedByYou' : 'BucketAlreadyExists', {
          BucketName: name,
        });
      }
      const hasLock = headers['x-amz-bucket-object-lock-enabled']?.toLowerCase() === 'true';
      buckets.put(newBucket(name, { accountId, region }, world.clock.now(), hasLock));
      return emptyAnswer(200, { location: `/${name}` });
    },

    headBucket({ bucket, caller }: BucketRequest): RestAnswer {
      requireIn(iam, caller, bucket, { action: 'ListBucket' });
      return emptyAnswer(200, { 'x-amz-bucket-region': bucket.region });
    },

    deleteBucket({ bucket, caller }: BucketRequest): RestAnswer {
      requireIn(iam, caller, bucket, { action: 'DeleteBucket' });
      if (objects.listVersions(bucket).length > 0) throw s3Error('BucketNotEmpty', { BucketName: bucket.name });
      buckets.delete(bucket.name);
      return emptyAnswer(204);
    },

    /** us-east-1 is answered with an empty text. Source: GetBucketLocation in the S3 API reference. */
    getLocation({ bucket, caller }: BucketRequest): RestAnswer {
      requireIn(iam, caller, bucket, { action: 'GetBucketLocation' });
      return xmlAnswer('LocationConstraint', bucket.region === 'us-east-1' ? '' : bucket.region);
    },

    listObjects({ bucket, caller, query }: BucketRequest): RestAnswer {
      if (query.get('list-type') !== '2') {
        throw s3Error('NotImplemented', {}, 'Local AWS lists objects with ListObjectsV2 only (list-type=2).');
      }
      const prefix = query.get('prefix') ?? '';
      requireIn(iam, caller, bucket, { action: 'ListBucket', conditions: { 's3:prefix': prefix } });
      const token = query.get('continuation-token') ?? undefined;
      const delimiter = query.get('delimiter') ?? '';
      const maxKeys = maxKeysOf(query);
      const after = token === undefined ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString();
      const page = listPage(objects.list(bucket), { prefix, delimiter, maxKeys, after });
      const name = nameWriter(query);
      const fields = [
        textElement('Name', bucket.name),
        textElement('Prefix', name(prefix)),
        textElement('Delimiter', delimiter === '' ? undefined : name(delimiter)),
        textElement('MaxKeys', maxKeys),
        textElement('EncodingType', query.get('encoding-type')),
        textElement('KeyCount', page.items.length + page.commonPrefixes.length),
        textElement('IsTruncated', page.nextAfter !== undefined),
        textElement('ContinuationToken', token),
        textElement('StartAfter', query.get('start-after')),
        textElement('NextContinuationToken', page.nextAfter && Buffer.from(page.nextAfter).toString('base64')),
        ...page.items.map((object) => element('Contents', objectXml(object, name))),
        ...page.commonPrefixes.map((group) => element('CommonPrefixes', textElement('Prefix', name(group)))),
      ];
      return xmlAnswer('ListBucketResult', fields.join(''));
    },

    listVersions({ bucket, caller, query }: BucketRequest): RestAnswer {
      requireIn(iam, caller, bucket, { action: 'ListBucketVersions' });
      const prefix = query.get('prefix') ?? '';
      const name = nameWriter(query);
      const versions = objects.listVersions(bucket).filter(({ key }) => key.startsWith(prefix));
      const rows = versions.map((version) => {
        const kept = textElement('VersionId', version.versionId) + textElement('IsLatest', version.isLatest);
        if (version.bodyId !== undefined) return element('Version', objectXml(version, name) + kept);
        const marker =
          textElement('Key', name(version.key)) + textElement('LastModified', instantOf(version.modifiedAt));
        return element('DeleteMarker', marker + kept);
      });
      const head = textElement('Name', bucket.name) + textElement('Prefix', name(prefix));
      return xmlAnswer('ListVersionsResult', head + textElement('IsTruncated', false) + rows.join(''));
    },
  };
}

export function newBucket(
  name: string,
  owner: { readonly accountId: string; readonly region: string },
  createdAt: number,
  hasLock: boolean,
): Bucket {
  // A bucket made for Object Lock keeps versions from the start. Source: CreateBucket in the S3 API reference.
  return { name, ...owner, createdAt, hasLock, ...(hasLock && { versioning: 'Enabled' as const }), configurations: {} };
}

function maxKeysOf(query: URLSearchParams): number {
  const asked = Number(query.get('max-keys') ?? KEYS_MAX);
  if (!Number.isInteger(asked) || asked < 0) {
    throw s3Error('InvalidArgument', { ArgumentName: 'max-keys', ArgumentValue: query.get('max-keys') });
  }
  return Math.min(asked, KEYS_MAX);
}

/** Keys may hold characters that XML cannot: clients ask for them percent-encoded. */
function nameWriter(query: URLSearchParams): (name: string) => string {
  if (query.get('encoding-type') !== 'url') return (name) => name;
  return (name) => encodeURIComponent(name).replaceAll('%2F', '/');
}

function objectXml(object: ObjectVersion, name: (text: string) => string): string {
  return [
    textElement('Key', name(object.key)),
    textElement('LastModified', instantOf(object.modifiedAt)),
    textElement('ETag', object.etag),
    textElement('Size', object.sizeBytes),
    textElement('StorageClass', 'STANDARD'),
  ].join('');
}

function bucketXml({ name, createdAt }: Bucket): string {
  return element('Bucket', textElement('Name', name) + textElement('CreationDate', instantOf(createdAt)));
}
