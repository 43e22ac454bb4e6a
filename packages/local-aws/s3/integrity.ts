/** Checks of uploaded bytes against what the client says they are. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { s3Error } from './errors';

type Headers = Readonly<Record<string, string | undefined>>;

export const etagOf = (bytes: Uint8Array) => `"${createHash('md5').update(bytes).digest('hex')}"`;

/**
 * The checksums S3 knows and how they are computed, as base64 of the big-endian value. CRC32C and CRC64NVME are taken
 * at the client's word: Node has neither.
 */
const CHECKSUMS: Readonly<Record<string, ((bytes: Uint8Array) => Buffer) | undefined>> = {
  'x-amz-checksum-crc32': crc32Of,
  'x-amz-checksum-sha1': (bytes) => createHash('sha1').update(bytes).digest(),
  'x-amz-checksum-sha256': (bytes) => createHash('sha256').update(bytes).digest(),
  'x-amz-checksum-crc32c': undefined,
  'x-amz-checksum-crc64nvme': undefined,
};

/** Throws BadDigest where the bytes are not those that were sent. @returns the checksum headers to keep. */
export function checkBytes(headers: Headers, bytes: Uint8Array): Record<string, string> {
  checkMd5(headers['content-md5'], bytes);
  const kept: Record<string, string> = {};
  for (const [name, compute] of Object.entries(CHECKSUMS)) {
    const stated = headers[name];
    if (stated === undefined) continue;
    if (compute !== undefined && compute(bytes).toString('base64') !== stated) throw badChecksum(name);
    kept[name] = stated;
  }
  if (Object.keys(kept).length > 0) kept['x-amz-checksum-type'] = 'FULL_OBJECT';
  return kept;
}

export function isChecksumHeader(name: string): boolean {
  return name.startsWith('x-amz-checksum-');
}

function checkMd5(stated: string | undefined, bytes: Uint8Array) {
  if (stated === undefined) return;
  if (Buffer.from(stated, 'base64').length !== 16) throw s3Error('InvalidDigest');
  const text = 'The Content-MD5 you specified did not match what we received.';
  if (createHash('md5').update(bytes).digest('base64') !== stated) throw s3Error('BadDigest', {}, text);
}

function badChecksum(name: string) {
  const algorithm = name.slice('x-amz-checksum-'.length).toUpperCase();
  return s3Error('BadDigest', {}, `The ${algorithm} you specified did not match the calculated checksum.`);
}

function crc32Of(bytes: Uint8Array): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value;
}
