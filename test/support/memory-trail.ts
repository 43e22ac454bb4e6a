/** A trail in memory that delivers log files and signs digests as CloudTrail does, and lets a test tamper with them. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openedLog } from '../../shared/adapters/log-files/opened-log';
import type { DigestKeys, TrailFiles } from '../../shared/domain/audit/trail/ports';
import { ACCOUNT } from './cloudtrail-records';
import { logOf } from './log-files';

export const TRAIL_BUCKET = 'trail';
export const TRAIL_FOLDER = `AWSLogs/${ACCOUNT}`;
export const TRAIL_REGION = 'eu-central-1';

export interface StoredFile {
  readonly body: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface MemoryTrail {
  readonly files: TrailFiles;
  readonly keys: DigestKeys;
  /** What lies in the bucket, for a test to take from, change or add to. */
  readonly objects: Map<string, StoredFile>;
  /** A log file of that minute. @returns its key. */
  deliver(minute: string, records: readonly unknown[]): string;
  /** The digest of what was delivered since the last one. @returns its key. */
  digestUntil(end: string): string;
}

const digits = (instant: string) => instant.replace(/\D/g, '');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const toTheSecond = (instant: string) => `${instant.slice(0, 19)}Z`;

/** @param start When the trail began. */
export function memoryTrail(start: string, pair: { privateKey: KeyObject; publicKey: KeyObject } = rsa()): MemoryTrail {
  const objects = new Map<string, StoredFile>();
  const der = pair.publicKey.export({ type: 'pkcs1', format: 'der' });
  const fingerprint = createHash('md5').update(der).digest('hex');
  let from = start;
  let last: { readonly key: string; readonly hash: string; readonly signature: string } | undefined;
  let waiting: { readonly key: string; readonly text: string }[] = [];

  const keysUnder = (prefix: string) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();

  return {
    objects,
    deliver(minute, records) {
      const [day, text] = [minute.slice(0, 10).replaceAll('-', '/'), logOf(records)];
      const name = `${ACCOUNT}_CloudTrail_${TRAIL_REGION}_${digits(minute).slice(0, 8)}T${digits(minute).slice(8, 12)}Z`;
      const key = `${TRAIL_FOLDER}/CloudTrail/${TRAIL_REGION}/${day}/${name}_${objects.size}.json.gz`;
      objects.set(key, { body: gzipSync(text), metadata: {} });
      waiting.push({ key, text });
      return key;
    },
    digestUntil(end) {
      const at = digits(end);
      const name = `${ACCOUNT}_CloudTrail-Digest_${TRAIL_REGION}_all_${TRAIL_REGION}_${at.slice(0, 8)}T${at.slice(8, 14)}Z`;
      const key = `${TRAIL_FOLDER}/CloudTrail-Digest/${TRAIL_REGION}/${end.slice(0, 10).replaceAll('-', '/')}/${name}.json.gz`;
      const text = JSON.stringify({
        awsAccountId: ACCOUNT,
        digestStartTime: toTheSecond(from),
        digestEndTime: toTheSecond(end),
        digestS3Bucket: TRAIL_BUCKET,
        digestS3Object: key,
        digestPublicKeyFingerprint: fingerprint,
        digestSignatureAlgorithm: 'SHA256withRSA',
        previousDigestS3Bucket: last ? TRAIL_BUCKET : null,
        previousDigestS3Object: last?.key ?? null,
        previousDigestHashValue: last?.hash ?? null,
        previousDigestHashAlgorithm: last ? 'SHA-256' : null,
        previousDigestSignature: last?.signature ?? null,
        logFiles: waiting.map((file) => ({
          s3Bucket: TRAIL_BUCKET,
          s3Object: file.key,
          hashValue: sha256(file.text),
          hashAlgorithm: 'SHA-256',
        })),
      });
      const signed = [toTheSecond(end), `${TRAIL_BUCKET}/${key}`, sha256(text), last?.signature ?? 'null'].join('\n');
      const signature = sign('RSA-SHA256', Buffer.from(signed), pair.privateKey).toString('hex');
      objects.set(key, { body: gzipSync(text), metadata: { signature } });
      last = { key, hash: sha256(text), signature };
      waiting = [];
      from = end;
      return key;
    },
    keys: { publicKeys: async () => [{ fingerprint, der }] },
    files: {
      digestsAfter: async (key, limit) =>
        keysUnder(`${TRAIL_FOLDER}/CloudTrail-Digest/${TRAIL_REGION}/`)
          .filter((one) => one > key)
          .slice(0, limit),
      beforeDay: (day) => `${TRAIL_FOLDER}/CloudTrail-Digest/${TRAIL_REGION}/${day.replaceAll('-', '/')}/`,
      async digest(key) {
        const stored = objects.get(key);
        if (!stored) return undefined;
        const { signature } = stored.metadata;
        return { bucket: TRAIL_BUCKET, key, bytes: gunzipSync(stored.body), ...(signature && { signature }) };
      },
      async logFilesOfHour(hour, limit) {
        const day = hour.slice(0, 10);
        const name = `${ACCOUNT}_CloudTrail_${TRAIL_REGION}_${hour.replaceAll('-', '')}`;
        const folder = `${TRAIL_FOLDER}/CloudTrail/${TRAIL_REGION}/${day.replaceAll('-', '/')}`;
        return keysUnder(`${folder}/${name}`).slice(0, limit);
      },
      async logFile(bucket, key) {
        const stored = bucket === TRAIL_BUCKET ? objects.get(key) : undefined;
        return stored && openedLog(key, stored.body);
      },
    },
  };
}

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
