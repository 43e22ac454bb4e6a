/** A log in S3, read with the caller's own credentials. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { UsageError } from 'keywright-verify/logs';
import { Refusal } from 'keywright-verify/note';
import type { LogReader } from 'keywright-verify/reader';
import { boundedBytes } from './bounded-bytes';

/** What S3 answers for an object that is not there, to whoever may list the bucket. */
const NOT_THERE: readonly unknown[] = ['NoSuchKey', 'NotFound'];

/**
 * @param place `s3://bucket/prefix`.
 * @throws UsageError, from its method too, for what S3 does not give.
 */
export function s3Reader(place: string, client: Pick<S3Client, 'send'> = new S3Client()): LogReader {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*?))?\/?$/.exec(place) ?? [];
  if (bucket === undefined) throw new UsageError(`${place} must read s3://bucket/prefix.`);
  return {
    async read(path, bytesMax) {
      const Key = prefix === '' ? path : `${prefix}/${path}`;
      try {
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
        const bytes = await boundedBytes(body?.transformToWebStream(), bytesMax);
        if (bytes) return bytes;
        throw new Refusal('file-refused', `${path} has more than the ${bytesMax} bytes that it may have in a log.`);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        if (NOT_THERE.includes(Object(error).name)) return undefined;
        throw notGiven(bucket, Key, error);
      }
    },
  };
}

function notGiven(bucket: string, key: string, error: unknown): UsageError {
  const { name, message } = Object(error);
  const way = 'Has the caller s3:GetObject there, and s3:ListBucket to be told what is missing?';
  return new UsageError(`S3 does not give s3://${bucket}/${key} (${name}: ${message}). ${way}`);
}
