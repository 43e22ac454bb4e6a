/**
 * The files of a CloudTrail trail in its bucket. Nothing is written.
 * Source of the names: CloudTrail User Guide, "Getting and viewing your CloudTrail log files", "CloudTrail digest file structure".
 */
import { GetObjectCommand, type GetObjectCommandOutput, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { LOG_FILE_BYTES_MAX, type TrailFiles } from '../domain/audit/trail/ports';
import { KeywrightError } from '../domain/errors';
import { defined } from '../domain/optional-fields';
import { decompressed } from './log-files/decompressed';
import { openedLog } from './log-files/opened-log';

/** Where the files of one account and region are. */
export interface TrailPlace {
  readonly bucket: string;
  /** That of the account: `AWSLogs/111122223333`, with whatever prefix the trail has. */
  readonly folder: string;
  readonly accountId: string;
  readonly region: string;
}

const NOT_THERE: readonly string[] = ['NoSuchKey', 'NotFound'];

/** The files that a trail writes of one account and region. */
export function s3TrailFiles(client: S3Client, { bucket, folder, accountId, region }: TrailPlace): TrailFiles {
  const digestFolder = `${folder}/CloudTrail-Digest/${region}/`;

  const list = async (Prefix: string, StartAfter: string, MaxKeys: number): Promise<readonly string[]> => {
    const request = { Bucket: bucket, Prefix, MaxKeys, ...(StartAfter !== '' && { StartAfter }) };
    const page = await asked(Prefix, () => client.send(new ListObjectsV2Command(request)));
    return (page?.Contents ?? []).flatMap(({ Key }) => Key ?? []);
  };
  const get = (Key: string) => asked(Key, () => client.send(new GetObjectCommand({ Bucket: bucket, Key })));

  return {
    digestsAfter: (key, limit) => list(digestFolder, key, limit),
    beforeDay: (day) => `${digestFolder}${day.replaceAll('-', '/')}/`,

    async digest(key) {
      const stored = await get(key);
      if (stored === undefined) return undefined;
      const bytes = await unpacked(await bytesOf(stored, key));
      return { bucket, key, bytes, ...defined({ signature: stored.Metadata?.['signature'] }) };
    },

    logFilesOfHour(hour, limit) {
      const day = hour.slice(0, 10);
      const name = `${accountId}_CloudTrail_${region}_${hour.replaceAll('-', '')}`;
      return list(`${folder}/CloudTrail/${region}/${day.replaceAll('-', '/')}/${name}`, '', limit);
    },

    async logFile(itsBucket, key) {
      if (itsBucket !== bucket || !key.startsWith(`${folder}/`)) return undefined;
      const stored = await get(key);
      if (stored === undefined) return undefined;
      // Its stream is given back unread.
      if ((stored.ContentLength ?? 0) > LOG_FILE_BYTES_MAX) return abandoned(stored);
      return openedLog(key, await bytesOf(stored, key));
    },
  };
}

function abandoned({ Body: body }: GetObjectCommandOutput): 'too-large' {
  if (body && 'destroy' in body) body.destroy();
  return 'too-large';
}

/** Undefined for what is not there. */
async function asked<Answer>(path: string, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && NOT_THERE.includes(error.name)) return undefined;
    throw unreadable(path, error);
  }
}

const bytesOf = async ({ Body: body }: GetObjectCommandOutput, key: string): Promise<Uint8Array> => {
  try {
    return (await body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    throw unreadable(key, error);
  }
};

/** As far as it can be decompressed, and as far as a log may reach: what is cut is no JSON, and found so. */
async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of decompressed(once(bytes))) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LOG_FILE_BYTES_MAX) break;
    }
  } catch {
    return new Uint8Array();
  }
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Buffer> {
  yield Buffer.from(bytes);
}

function unreadable(path: string, cause: unknown): KeywrightError {
  const awsError = cause instanceof Error ? cause.name : '';
  const message =
    'The bucket of the CloudTrail trail cannot be read. Look at KEYWRIGHT_TRAIL_BUCKET, and whether its policy lets reconcile-trail read; then try again.';
  return new KeywrightError('trail.unreadable', message, { path, awsError }, { cause });
}
