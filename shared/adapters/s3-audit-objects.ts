/** The files of the audit logs, in a bucket: `<customer>/tile/…` and `<customer>/checkpoint`. */
import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';
import { CHECKPOINT_PATH, logFolder } from '../domain/audit/log/layout';
import type { AuditObjects } from '../domain/audit/log/ports';
import { KeywrightError } from '../domain/errors';

/** What S3 answers when a condition of ours does not hold. Source: S3 API reference, PutObject, conditional writes. */
const CONDITION_FAILED = 'PreconditionFailed';
const NOT_THERE: readonly string[] = ['NoSuchKey', 'NotFound'];

/** Tiles and bundles never change; a checkpoint does. Source: C2SP tlog-tiles. */
const HEADERS = {
  checkpoint: { ContentType: 'text/plain; charset=utf-8', CacheControl: 'no-store' },
  tile: { ContentType: 'application/octet-stream', CacheControl: 'public, max-age=31536000, immutable' },
} as const;

/** The files of the audit logs in an S3 bucket, each log below its customer. */
export function s3AuditObjects(client: S3Client, bucket: string): AuditObjects {
  const location = (customerId: string, path: string) => ({
    Bucket: bucket,
    Key: `${logFolder(customerId)}/${path}`,
  });

  const write = async (input: PutObjectCommandInput, refusals: readonly string[]): Promise<boolean> => {
    const headers = HEADERS[input.Key?.endsWith(`/${CHECKPOINT_PATH}`) ? 'checkpoint' : 'tile'];
    try {
      await client.send(new PutObjectCommand({ ...input, ...headers }));
      return true;
    } catch (error) {
      // ConditionalRequestConflict (409) is not among them: somebody else is writing and may yet fail.
      if (refusals.includes(nameOf(error))) return false;
      throw notWritten(error, input.Key);
    }
  };

  return {
    async read(customerId, path) {
      try {
        const { Body: body, ETag: tag } = await client.send(new GetObjectCommand(location(customerId, path)));
        return { bytes: (await body?.transformToByteArray()) ?? new Uint8Array(), tag: tag ?? '' };
      } catch (error) {
        if (NOT_THERE.includes(nameOf(error))) return undefined;
        throw notWritten(error, path);
      }
    },
    create: (customerId, path, bytes) =>
      write({ ...location(customerId, path), Body: bytes, IfNoneMatch: '*' }, [CONDITION_FAILED]),
    replace: (customerId, path, bytes, tag) =>
      write({ ...location(customerId, path), Body: bytes, IfMatch: tag }, [CONDITION_FAILED, ...NOT_THERE]),
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

function notWritten(cause: unknown, path: string | undefined): KeywrightError {
  const message = 'S3 did not read or write a file of an audit log. What is sequenced is safe; try again.';
  return new KeywrightError('audit.not-written', message, { path, awsError: nameOf(cause) }, { cause });
}
