/**
 * A digest of CloudTrail: each hour it names the log files that were delivered, with their hashes, and the digest before it, with
 * its hash and signature. Whoever follows the chain knows that nothing was changed, taken out or put in.
 *
 * Source: CloudTrail User Guide, "CloudTrail digest file structure" and "Custom implementations of CloudTrail log file integrity
 * validation"; aws-cli, customizations/cloudtrail/validation.py. node:crypto computes hashes and verifies: pure functions.
 */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import * as z from 'zod/mini';
import { ContractViolation, readWith } from '../../../../events/define-event';
import { accountId, text } from '../../../../events/fields';
import { withMilliseconds } from '../../../../events/kms-key-use';
import type { DigestKey, StoredDigest } from './ports';
import type { DigestFault, DigestLink } from './trail-rows';

const second = z.iso.datetime({ error: 'must be a UTC instant' });
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex characters'));
const absent = <Of extends z.ZodMiniType>(of: Of) => z.optional(z.nullable(of));

const schema = z.object({
  awsAccountId: accountId,
  digestStartTime: second,
  digestEndTime: second,
  digestS3Bucket: text,
  digestS3Object: text,
  digestPublicKeyFingerprint: text,
  digestSignatureAlgorithm: z.literal('SHA256withRSA'),
  previousDigestS3Bucket: absent(text),
  previousDigestS3Object: absent(text),
  previousDigestHashValue: absent(sha256),
  previousDigestSignature: absent(text),
  logFiles: z.array(
    z.object({ s3Bucket: text, s3Object: text, hashValue: sha256, hashAlgorithm: z.literal('SHA-256') }),
  ),
});

/** A digest that was read. Nothing of it is believed before it is verified. */
export interface Digest {
  readonly accountId: string;
  /** The hour that it covers: its log files were delivered from the one instant to the other. */
  readonly from: string;
  readonly to: string;
  /** Where it says that it lies. */
  readonly bucket: string;
  readonly key: string;
  readonly fingerprint: string;
  /** As it is written, since it is signed so. */
  readonly endTime: string;
  /** Absent in the first one of a chain. */
  readonly previous: DigestLink | undefined;
  readonly logFiles: readonly ListedFile[];
}

/** A log file as its digest names it. */
export interface ListedFile {
  readonly bucket: string;
  readonly key: string;
  readonly sha256: string;
}

/** @throws ContractViolation naming the field at fault. */
export function readDigest({ bytes }: StoredDigest): Digest {
  const digest = readWith(schema, 'digest', parsed(bytes));
  return {
    accountId: digest.awsAccountId,
    from: withMilliseconds(digest.digestStartTime),
    to: withMilliseconds(digest.digestEndTime),
    bucket: digest.digestS3Bucket,
    key: digest.digestS3Object,
    fingerprint: digest.digestPublicKeyFingerprint,
    endTime: digest.digestEndTime,
    previous: previousIn(digest),
    logFiles: digest.logFiles.map(({ s3Bucket, s3Object, hashValue }) => ({
      bucket: s3Bucket,
      key: s3Object,
      sha256: hashValue,
    })),
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ContractViolation('digest', 'is no JSON');
  }
}

function previousIn(digest: z.output<typeof schema>): DigestLink | undefined {
  const { previousDigestS3Bucket: bucket, previousDigestS3Object: key } = digest;
  const { previousDigestHashValue: sha256, previousDigestSignature: signature } = digest;
  return bucket && key && sha256 && signature ? { bucket, key, sha256, signature } : undefined;
}

/** What the digest that follows has to say of this one. */
export const linkTo = ({ bucket, key, bytes, signature = '' }: StoredDigest): DigestLink => ({
  bucket,
  key,
  sha256: hash('sha256', bytes, 'hex'),
  signature,
});

/** Whether a digest follows that one: it names it, and the hash and the signature that it has. */
export const isLinked = ({ previous }: Digest, before: DigestLink): boolean =>
  previous !== undefined &&
  previous.bucket === before.bucket &&
  previous.key === before.key &&
  previous.sha256 === before.sha256 &&
  previous.signature === before.signature;

/**
 * What is wrong with a digest by itself, if anything: it lies where it says, in the account's own chain, and CloudTrail signed it.
 *
 * @param keys Those of its region. Without the one it names nothing is known of it.
 */
export function faultOfDigest(
  stored: StoredDigest,
  digest: Digest,
  { accountId, keys }: { readonly accountId: string; readonly keys: readonly DigestKey[] },
): DigestFault | undefined {
  const isInPlace = digest.bucket === stored.bucket && digest.key === stored.key && digest.accountId === accountId;
  if (!isInPlace) return 'digest-misplaced';
  const key = keys.find(({ fingerprint }) => fingerprint === digest.fingerprint);
  if (key === undefined) return 'digest-key-unknown';
  return isSigned(stored, digest, key) ? undefined : 'digest-signature-invalid';
}

function isSigned(stored: StoredDigest, digest: Digest, { der }: DigestKey): boolean {
  const { bucket, key, sha256, signature } = linkTo(stored);
  if (!/^([0-9a-f]{2})+$/i.test(signature)) return false;
  // The first one of a chain signs the word in place of a signature.
  const signed = [digest.endTime, `${bucket}/${key}`, sha256, digest.previous?.signature ?? 'null'].join('\n');
  const publicKey = publicKeyOf(der);
  return publicKey !== undefined && verify('RSA-SHA256', Buffer.from(signed), publicKey, Buffer.from(signature, 'hex'));
}

/** The guide says PKCS#1, and its own sample is a SubjectPublicKeyInfo: whichever it is. */
function publicKeyOf(der: Uint8Array): KeyObject | undefined {
  for (const type of ['pkcs1', 'spki'] as const) {
    try {
      const key = createPublicKey({ key: Buffer.from(der), format: 'der', type });
      return key.asymmetricKeyType === 'rsa' ? key : undefined;
    } catch {
      // It is of the other form, or of none.
    }
  }
  return undefined;
}
