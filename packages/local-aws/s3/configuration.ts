/**
 * A bucket's configuration: documents that are put, read and deleted under a query of their own. Policy, versioning and
 * the default retention of Object Lock take effect; all others are kept and answered with, and change nothing here.
 */
import { AwsError } from '../call';
import type { RestAnswer } from '../door/rest';
import { requireIn } from './buckets';
import { type BucketRequest, emptyAnswer, type S3, xmlAnswer } from './context';
import { s3Error } from './errors';
import { textOfTag } from './xml-text';

interface Kind {
  /** Name in the actions `s3:GetX` and `s3:PutX`. */
  readonly action: string;
  /** Answer where nothing was put: an error's code, or an empty document of that name. */
  readonly absent: { readonly code: string; readonly text: string } | { readonly root: string };
}

const missing = (code: string, text: string) => ({ code, text });

/** Source: S3 API reference, the Get… operations of buckets; actions from the service authorization reference. */
const KINDS: Readonly<Record<string, Kind>> = {
  policy: { action: 'BucketPolicy', absent: missing('NoSuchBucketPolicy', 'The bucket policy does not exist') },
  versioning: { action: 'BucketVersioning', absent: { root: 'VersioningConfiguration' } },
  encryption: {
    action: 'EncryptionConfiguration',
    absent: missing(
      'ServerSideEncryptionConfigurationNotFoundError',
      'The server side encryption configuration was not found',
    ),
  },
  'object-lock': {
    action: 'BucketObjectLockConfiguration',
    absent: missing('ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist for this bucket'),
  },
  publicAccessBlock: {
    action: 'BucketPublicAccessBlock',
    absent: missing('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found'),
  },
  ownershipControls: {
    action: 'BucketOwnershipControls',
    absent: missing('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'),
  },
  lifecycle: {
    action: 'LifecycleConfiguration',
    absent: missing('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'),
  },
  tagging: { action: 'BucketTagging', absent: missing('NoSuchTagSet', 'The TagSet does not exist') },
  cors: { action: 'BucketCORS', absent: missing('NoSuchCORSConfiguration', 'The CORS configuration does not exist') },
  logging: { action: 'BucketLogging', absent: { root: 'BucketLoggingStatus' } },
  notification: { action: 'BucketNotification', absent: { root: 'NotificationConfiguration' } },
};

export function configurationOf(query: URLSearchParams): string | undefined {
  return Object.keys(KINDS).find((name) => query.has(name));
}

export function answerConfiguration({ iam, buckets }: S3, request: BucketRequest, name: string): RestAnswer {
  const { bucket, method, caller } = request;
  const kind = KINDS[name];
  const change = CHANGES[method];
  if (kind === undefined || (change === undefined && method !== 'GET')) throw s3Error('MethodNotAllowed');
  requireIn(iam, caller, bucket, { action: actionOf(kind, method, name) });
  if (change === undefined) return read(bucket.configurations[name], kind, name);
  buckets.put(change(request, name));
  return emptyAnswer(method === 'DELETE' || name === 'policy' ? 204 : 200);
}

type Change = (request: BucketRequest, name: string) => BucketRequest['bucket'];

const CHANGES: Readonly<Record<string, Change | undefined>> = {
  PUT({ bucket, body }, name) {
    const document = Buffer.from(body).toString();
    const configurations = { ...bucket.configurations, [name]: document };
    if (name === 'policy') checkPolicy(document);
    if (name !== 'versioning') return { ...bucket, configurations };
    const versioning = textOfTag(document, 'Status') === 'Enabled' ? 'Enabled' : 'Suspended';
    if (versioning === 'Suspended' && bucket.hasLock) {
      const text = 'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.';
      throw s3Error('InvalidBucketState', {}, text);
    }
    return { ...bucket, versioning, configurations };
  },
  DELETE({ bucket }, name) {
    const { [name]: _, ...configurations } = bucket.configurations;
    return { ...bucket, configurations };
  },
};

/** Deleting a configuration needs the permission to put it; only a policy has a permission of its own. */
function actionOf(kind: Kind, method: string, name: string): string {
  if (method === 'GET') return `Get${kind.action}`;
  return method === 'DELETE' && name === 'policy' ? 'DeleteBucketPolicy' : `Put${kind.action}`;
}

function read(document: string | undefined, { absent }: Kind, name: string): RestAnswer {
  if (document !== undefined) {
    const type = name === 'policy' ? 'application/json' : 'application/xml';
    return { status: 200, headers: { 'content-type': type }, body: document };
  }
  if ('root' in absent) return xmlAnswer(absent.root, '');
  throw new AwsError(absent.code, absent.text, { status: 404 });
}

function checkPolicy(document: string) {
  try {
    const policy = JSON.parse(document) as { Statement?: unknown };
    if (typeof policy === 'object' && policy?.Statement !== undefined) return;
  } catch {
    // Refused below, like a document without statements.
  }
  throw s3Error('MalformedPolicy');
}
