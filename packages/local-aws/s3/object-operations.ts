/** Writing, reading and deleting objects. */
import { AwsError } from '../call';
import { instantOf } from '../clock';
import type { RestAnswer } from '../door/rest';
import { element, textElement } from '../door/xml';
import { decoded } from '../percent';
import { requireIn } from './buckets';
import { checkWriteConditions, isNotModified, rangeOf } from './conditions';
import { type BucketRequest, emptyAnswer, type ObjectRequest, type S3, xmlAnswer } from './context';
import { s3Error } from './errors';
import { checkBytes, etagOf, isChecksumHeader } from './integrity';
import { checkNotHeld, holdOf } from './object-lock';
import type { ObjectVersion } from './objects';
import { contentsOfTag, textOfTag } from './xml-text';

/** Source: "Naming Amazon S3 objects" in the S3 user guide. */
const KEY_BYTES_MAX = 1_024;

/** Source: DeleteObjects in the S3 API reference. */
const DELETED_MAX = 1_000;

/** Headers of a write that come back with each read, beside `x-amz-meta-*`. */
const KEPT_HEADERS = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'];

export function objectOperations(s3: S3) {
  const { iam, objects, world } = s3;

  /** The version a request is about. Without leave to list the bucket a missing key is AccessDenied, as in AWS. */
  function found(request: ObjectRequest, action: string): ObjectVersion {
    const { bucket, key, caller, query } = request;
    const versionId = query.get('versionId') ?? undefined;
    requireIn(iam, caller, bucket, { action: versionId === undefined ? action : `${action}Version`, key });
    const object = versionId === undefined ? objects.current(bucket, key) : objects.version(bucket, key, versionId);
    if (object?.bodyId !== undefined) return object;
    requireIn(iam, caller, bucket, { action: 'ListBucket' });
    if (object !== undefined)
      throw s3Error('MethodNotAllowed', { Method: request.method, ResourceType: 'DeleteMarker' });
    if (versionId !== undefined) throw s3Error('NoSuchVersion', { Key: key, VersionId: versionId });
    throw s3Error('NoSuchKey', { Key: key });
  }

  function write(request: ObjectRequest, bytes: Uint8Array, headers: Readonly<Record<string, string>>): ObjectVersion {
    const { bucket, key, caller } = request;
    requireIn(iam, caller, bucket, { action: 'PutObject', key });
    if (Buffer.byteLength(key) > KEY_BYTES_MAX) throw s3Error('KeyTooLongError');
    checkWriteConditions(request.headers, objects.current(bucket, key));
    const hold = holdOf(bucket, request.headers, world.clock.now(), () =>
      requireIn(iam, caller, bucket, { action: 'PutObjectRetention', key }),
    );
    return objects.put(
      bucket,
      {
        key,
        etag: etagOf(bytes),
        sizeBytes: bytes.length,
        headers: { ...headers, ...hold?.headers },
        ...(hold && { heldUntil: hold.heldUntil }),
      },
      bytes,
    );
  }

  function deleteOne(request: ObjectRequest, versionId: string | undefined): Readonly<Record<string, string>> {
    const { bucket, key, caller } = request;
    const action = versionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion';
    requireIn(iam, caller, bucket, { action, key });
    if (versionId === undefined) {
      const marker = objects.delete(bucket, key);
      return marker ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId } : {};
    }
    const version = objects.version(bucket, key, versionId);
    if (version === undefined) return { 'x-amz-version-id': versionId };
    checkNotHeld(version, request, { iam, now: world.clock.now() });
    objects.deleteVersion(bucket, version);
    return { 'x-amz-version-id': versionId, ...(version.bodyId === undefined && { 'x-amz-delete-marker': 'true' }) };
  }

  return {
    putObject(request: ObjectRequest): RestAnswer {
      const checksums = checkBytes(request.headers, request.body);
      const object = write(request, request.body, { ...keptHeaders(request), ...checksums });
      return emptyAnswer(200, { etag: object.etag, ...checksums, ...versionHeader(object), ...ENCRYPTED });
    },

    /** Copies within S3; `x-amz-copy-source` is `/bucket/key`, percent-encoded. */
    copyObject(request: ObjectRequest): RestAnswer {
      const [source = '', query] = (request.headers['x-amz-copy-source'] ?? '').split('?');
      const [bucketName = '', ...key] = decoded(source).replace(/^\//, '').split('/');
      const bucket = s3.buckets.get(bucketName);
      const from = found({ ...request, bucket, key: key.join('/'), query: new URLSearchParams(query) }, 'GetObject');
      const replaces = request.headers['x-amz-metadata-directive'] === 'REPLACE';
      const copy = write(request, objects.read(from), replaces ? keptHeaders(request) : withoutHold(from.headers));
      const content = textElement('ETag', copy.etag) + textElement('LastModified', instantOf(copy.modifiedAt));
      const answer = xmlAnswer('CopyObjectResult', content);
      return { ...answer, headers: { ...answer.headers, ...versionHeader(copy) } };
    },

    getObject(request: ObjectRequest): RestAnswer {
      const object = found(request, 'GetObject');
      const headers = objectHeaders(object, request);
      if (isNotModified(request.headers, object)) return emptyAnswer(304, { etag: object.etag });
      const range = rangeOf(request.headers['range'], object.sizeBytes);
      const bytes = request.method === 'HEAD' ? new Uint8Array() : objects.read(object);
      const length = { 'content-length': String(range ? range.to - range.from + 1 : object.sizeBytes) };
      if (range === undefined) return { status: 200, headers: { ...headers, ...length }, body: bytes };
      const contentRange = `bytes ${range.from}-${range.to}/${object.sizeBytes}`;
      return {
        status: 206,
        headers: { ...withoutChecksums(headers), ...length, 'content-range': contentRange },
        body: bytes.subarray(range.from, range.to + 1),
      };
    },

    deleteObject(request: ObjectRequest): RestAnswer {
      return emptyAnswer(204, deleteOne(request, request.query.get('versionId') ?? undefined));
    },

    /** Each key is deleted, or refused, for itself. */
    deleteObjects(request: BucketRequest): RestAnswer {
      const xml = Buffer.from(request.body).toString();
      const wanted = contentsOfTag(xml, 'Object');
      if (wanted.length === 0 || wanted.length > DELETED_MAX) throw s3Error('MalformedXML');
      checkBytes(request.headers, request.body);
      const isQuiet = textOfTag(xml, 'Quiet') === 'true';
      const rows = wanted.map((object) => {
        const key = textOfTag(object, 'Key') ?? '';
        const named = textElement('Key', key) + textElement('VersionId', textOfTag(object, 'VersionId'));
        try {
          const answer = deleteOne({ ...request, key }, textOfTag(object, 'VersionId'));
          const marker = textElement('DeleteMarker', answer['x-amz-delete-marker']);
          return isQuiet ? '' : element('Deleted', named + marker);
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          return element('Error', named + textElement('Code', error.code) + textElement('Message', error.message));
        }
      });
      return xmlAnswer('DeleteResult', rows.join(''));
    },
  };
}

/** S3 encrypts every new object. Source: "Setting default server-side encryption behavior" in the S3 user guide. */
const ENCRYPTED = { 'x-amz-server-side-encryption': 'AES256' };

function objectHeaders(object: ObjectVersion, request: ObjectRequest): Record<string, string> {
  const wantsChecksum = request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  return {
    ...(wantsChecksum ? object.headers : withoutChecksums(object.headers)),
    etag: object.etag,
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    ...versionHeader(object),
    ...ENCRYPTED,
  };
}

function versionHeader({ versionId }: ObjectVersion): Record<string, string> {
  return versionId === 'null' ? {} : { 'x-amz-version-id': versionId };
}

function keptHeaders({ headers }: ObjectRequest): Record<string, string> {
  const encoding = (headers['content-encoding'] ?? '').replace(/\baws-chunked\b,?\s*/, '');
  const kept = Object.entries(headers).flatMap(([name, value]) => {
    const isKept = KEPT_HEADERS.includes(name) || name.startsWith('x-amz-meta-');
    return isKept && value !== undefined ? [[name, value] as const] : [];
  });
  return {
    'content-type': 'binary/octet-stream',
    ...Object.fromEntries(kept),
    ...(encoding !== '' && { 'content-encoding': encoding }),
  };
}

function withoutChecksums(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isChecksumHeader(name)));
}

function withoutHold(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-object-lock-')));
}
