/**
 * S3 on this machine, path style: buckets and objects for everybody who speaks HTTP to the door, and for services that
 * write files of their own. An object's bytes are on disk before the row that refers to them, and the row is in the
 * journal before the call is answered. Uploads in parts, ACLs and presigned posts are not built.
 */
import { join } from 'node:path';
import type { EngineDeps, Iam, Objects } from '../contracts';
import type { RestAnswer, RestEngine, RestRequest } from '../door/rest';
import { decoded } from '../percent';
import { folderBodies, memoryBodies } from './bodies';
import { bucketOperations, newBucket } from './bucket-operations';
import { bucketBook } from './buckets';
import { answerConfiguration, configurationOf } from './configuration';
import type { BucketRequest, ObjectRequest, S3 } from './context';
import { s3Error } from './errors';
import { etagOf } from './integrity';
import { objectOperations } from './object-operations';
import { objectBook } from './objects';

/** Queries that stand for operations which are not built: answered as such rather than taken for something else. */
const NOT_BUILT = [
  'uploads',
  'uploadId',
  'acl',
  'torrent',
  'select',
  'restore',
  'attributes',
  'legal-hold',
  'retention',
];

export function s3(world: EngineDeps, parts: { readonly iam: Iam; readonly folder?: string }): RestEngine & Objects {
  const buckets = bucketBook(world);
  const bodies = parts.folder === undefined ? memoryBodies() : folderBodies(join(parts.folder, 'objects'));
  const objects = objectBook(world, bodies, buckets.all);
  const context: S3 = { world, iam: parts.iam, buckets, objects };
  const ofBuckets = bucketOperations(context);
  const ofObjects = objectOperations(context);

  function answerBucket(request: BucketRequest): RestAnswer {
    const { method, query } = request;
    const configuration = configurationOf(query);
    if (configuration !== undefined) return answerConfiguration(context, request, configuration);
    if (method === 'HEAD') return ofBuckets.headBucket(request);
    if (method === 'DELETE') return ofBuckets.deleteBucket(request);
    if (method === 'POST' && query.has('delete')) return ofObjects.deleteObjects(request);
    if (method !== 'GET') throw s3Error('MethodNotAllowed');
    if (query.has('location')) return ofBuckets.getLocation(request);
    return query.has('versions') ? ofBuckets.listVersions(request) : ofBuckets.listObjects(request);
  }

  function answerObject(request: ObjectRequest): RestAnswer {
    const isCopy = request.headers['x-amz-copy-source'] !== undefined;
    if (request.method === 'PUT') return isCopy ? ofObjects.copyObject(request) : ofObjects.putObject(request);
    if (request.method === 'GET' || request.method === 'HEAD') return ofObjects.getObject(request);
    if (request.method === 'DELETE') return ofObjects.deleteObject(request);
    throw s3Error('MethodNotAllowed');
  }

  function answer(request: RestRequest): RestAnswer {
    const unbuilt = NOT_BUILT.find((name) => request.query.has(name));
    if (unbuilt !== undefined) throw s3Error('NotImplemented', {}, `Local AWS does not build S3's '?${unbuilt}'.`);
    const [bucketName = '', ...rest] = request.path.replace(/^\//, '').split('/').map(decoded);
    const key = rest.join('/');
    if (bucketName === '') return ofBuckets.listBuckets(request);
    const isCreation = request.method === 'PUT' && key === '' && configurationOf(request.query) === undefined;
    if (isCreation) return ofBuckets.createBucket(request, bucketName);
    const bucket = buckets.get(bucketName);
    return key === '' ? answerBucket({ ...request, bucket }) : answerObject({ ...request, bucket, key });
  }

  return {
    service: 's3',
    handleHttp: async (request) => answer(request),
    createBucket(bucket, owner) {
      if (buckets.find(bucket) === undefined) buckets.put(newBucket(bucket, owner, world.clock.now(), false));
    },
    put(bucket, key, body, metadata = {}) {
      const headers = Object.fromEntries(
        Object.entries(metadata).map(([name, value]) => [metadataHeader(name), value]),
      );
      const object = { key, etag: etagOf(body), sizeBytes: body.length, headers };
      objects.put(buckets.get(bucket), object, body);
    },
  };
}

function metadataHeader(name: string): string {
  const lower = name.toLowerCase();
  return /^(x-amz-|content-|cache-control)/.test(lower) ? lower : `x-amz-meta-${lower}`;
}
