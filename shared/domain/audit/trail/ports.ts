/** What the second source of audit entries needs of the world: the files that a CloudTrail trail leaves in S3, and the keys that sign its digests. */
import type { KmsRecord } from '../../../../events/cloudtrail-kms-record';
import type { ReceivedRecord } from '../received-record';

/** A digest as it lies in the bucket. */
export interface StoredDigest {
  readonly bucket: string;
  readonly key: string;
  /** Uncompressed. */
  readonly bytes: Uint8Array;
  /** Hex, of the object's metadata; absent where it has none. */
  readonly signature?: string;
}

/** A record of KMS as it stands in a log file. */
export interface FileRecord {
  readonly record: KmsRecord;
  readonly received: ReceivedRecord;
}

/** A log file that was read into memory, compressed as it was. */
export interface LogFile {
  /** Hex, of the uncompressed content: what a digest says of it. */
  readonly sha256: string;
  /**
   * Hands on the records of KMS in their order, some at a time; what `take` throws is thrown on.
   *
   * @returns how many values of the file could not be read as records.
   */
  readonly read: (take: (records: readonly FileRecord[]) => Promise<void>) => Promise<{ readonly damaged: number }>;
}

/** Files larger than a function has memory for are not read. CloudTrail's have at most 50 MB before they are compressed. Source: CloudTrail User Guide, "Quotas". */
export const LOG_FILE_BYTES_MAX = 50_000_000;

/**
 * The bucket of a trail, as far as it concerns one account and region. Nothing is written to it.
 *
 * @throws KeywrightError `trail.unreadable` (retry) when S3 refuses or does not answer; what is not there is undefined.
 */
export interface TrailFiles {
  /** Keys of digests behind that key in the order of keys, which is that of their times, at most `limit`. */
  digestsAfter(key: string, limit: number): Promise<readonly string[]>;
  /** A key before those of all digests of that day (`2026-11-24`, UTC), and behind those of the days before it. */
  beforeDay(day: string): string;
  digest(key: string): Promise<StoredDigest | undefined>;
  /** Keys of log files that are dated in that hour (`2026-11-24T02`, UTC), at most `limit`. */
  logFilesOfHour(hour: string, limit: number): Promise<readonly string[]>;
  /** `too-large`: it has more than `LOG_FILE_BYTES_MAX` and was not read. Another bucket's is not there. */
  logFile(bucket: string, key: string): Promise<LogFile | 'too-large' | undefined>;
}

/** A public key that CloudTrail signs digests with. */
export interface DigestKey {
  /** As digests name it. */
  readonly fingerprint: string;
  readonly der: Uint8Array;
}

/** The keys by which CloudTrail signs digests in a region. */
export interface DigestKeys {
  /**
   * Those that were valid at some time between the two instants.
   *
   * @throws KeywrightError `trail.unreadable` (retry).
   */
  publicKeys(from: string, to: string): Promise<readonly DigestKey[]>;
}
