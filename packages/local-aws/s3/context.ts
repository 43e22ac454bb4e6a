import type { EngineDeps, Iam } from '../contracts';
import type { RestAnswer, RestRequest } from '../door/rest';
import { element } from '../door/xml';
import type { Bucket, BucketBook } from './buckets';
import type { ObjectBook } from './objects';

/** What the operations of S3 work with. */
export interface S3 {
  readonly world: EngineDeps;
  readonly iam: Iam;
  readonly buckets: BucketBook;
  readonly objects: ObjectBook;
}

/** A request for a bucket that is there. */
export interface BucketRequest extends RestRequest {
  readonly bucket: Bucket;
}

/** A request for an object of a bucket that is there; the object itself may not be. */
export interface ObjectRequest extends BucketRequest {
  readonly key: string;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function xmlAnswer(root: string, content: string): RestAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, content).replace(`<${root}>`, `<${root} xmlns="${NAMESPACE}">`)}`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): RestAnswer {
  return { status, headers, body: '' };
}
