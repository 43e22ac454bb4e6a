/** The buckets there are. Names are shared by all accounts and regions. */
import type { Principal } from '../call';
import type { EngineDeps, Iam, PolicyDocument } from '../contracts';
import { s3Error } from './errors';

export interface Bucket {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly createdAt: number;
  readonly versioning?: 'Enabled' | 'Suspended';
  /** Made for Object Lock: versions may be held. */
  readonly hasLock: boolean;
  /** Documents of the bucket's configuration as they were put, by the query that names them: `policy`, `encryption` … */
  readonly configurations: Readonly<Record<string, string>>;
}

export interface BucketBook {
  find(name: string): Bucket | undefined;
  /** Throws NoSuchBucket. */
  get(name: string): Bucket;
  put(bucket: Bucket): void;
  delete(name: string): void;
  all(): IterableIterator<Bucket>;
}

export function bucketBook({ store }: EngineDeps): BucketBook {
  const rows = store.table<Bucket>('s3/buckets');
  return {
    find: (name) => rows.get(name),
    get(name) {
      const bucket = rows.get(name);
      if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: name });
      return bucket;
    },
    put: (bucket) => rows.set(bucket.name, bucket),
    delete: (name) => rows.delete(name),
    all: () => rows.values(),
  };
}

/** Source: "General purpose bucket naming rules" in the S3 user guide. */
const NAME = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;

export function checkBucketName(name: string) {
  if (!NAME.test(name)) throw s3Error('InvalidBucketName', { BucketName: name });
}

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

/** Throws AccessDenied unless the caller's policies, the bucket's or both allow the action. */
export function requireIn(
  iam: Iam,
  caller: Principal,
  bucket: Bucket,
  need: { readonly action: string; readonly key?: string; readonly conditions?: Readonly<Record<string, string>> },
) {
  const policy = bucket.configurations['policy'];
  iam.require(caller, {
    action: `s3:${need.action}`,
    resource: need.key === undefined ? bucketArn(bucket.name) : `${bucketArn(bucket.name)}/${need.key}`,
    resourceAccountId: bucket.accountId,
    ...(policy !== undefined && { resourcePolicy: JSON.parse(policy) as PolicyDocument }),
    ...(need.conditions && { conditions: need.conditions }),
  });
}
