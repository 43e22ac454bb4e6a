/**
 * Who calls: from the access key in the signature, after the signature was found right. The head of a request is asked
 * first: it decides how much of the body is read at all.
 * Source of codes and texts: the services' "Common errors" pages, and for S3 "List of error codes".
 */
import { AwsError, type Principal } from '../call';
import type { Iam } from '../contracts';
import type { Credentials } from '../iam/iam';
import { FORBIDDEN } from '../lambda/functions';
import type { Head } from './incoming';
import type { RefusalStyle } from './services';
import { isPayload, isSignedWith, payloadHash, type Signature, statedPayload, timeFault } from './signature';

type Fault = 'unsigned' | 'unknown-key' | 'wrong-token' | 'expired' | 'wrong-signature';
type Words = readonly [code: string, status: number, message: string];

const INVALID_TOKEN = 'The security token included in the request is invalid.';
const EXPIRED = 'The security token included in the request is expired';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const REST_JSON: Readonly<Record<Fault, Words>> = {
  unsigned: ['MissingAuthenticationTokenException', 403, 'Missing Authentication Token'],
  'unknown-key': ['UnrecognizedClientException', 403, INVALID_TOKEN],
  'wrong-token': ['UnrecognizedClientException', 403, INVALID_TOKEN],
  expired: ['ExpiredTokenException', 403, EXPIRED],
  'wrong-signature': ['InvalidSignatureException', 403, MISMATCH],
};

const WORDS: Readonly<Record<RefusalStyle, Readonly<Record<Fault, Words>>>> = {
  json: {
    unsigned: ['MissingAuthenticationTokenException', 400, 'Missing Authentication Token'],
    'unknown-key': ['UnrecognizedClientException', 400, INVALID_TOKEN],
    'wrong-token': ['UnrecognizedClientException', 400, INVALID_TOKEN],
    expired: ['ExpiredTokenException', 400, EXPIRED],
    'wrong-signature': ['InvalidSignatureException', 400, MISMATCH],
  },
  'rest-json': REST_JSON,
  'function-url': { ...REST_JSON, unsigned: ['AccessDeniedException', 403, FORBIDDEN] },
  query: {
    unsigned: ['MissingAuthenticationToken', 403, 'Request is missing Authentication Token'],
    'unknown-key': ['InvalidClientTokenId', 403, INVALID_TOKEN],
    'wrong-token': ['InvalidClientTokenId', 403, INVALID_TOKEN],
    expired: ['ExpiredToken', 403, EXPIRED],
    'wrong-signature': ['SignatureDoesNotMatch', 403, MISMATCH],
  },
  s3: {
    unsigned: ['AccessDenied', 403, 'Access Denied'],
    'unknown-key': ['InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.'],
    'wrong-token': ['InvalidToken', 400, 'The provided token is malformed or otherwise invalid.'],
    expired: ['ExpiredToken', 400, 'The provided token has expired.'],
    'wrong-signature': [
      'SignatureDoesNotMatch',
      403,
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ],
  },
};

export function unsigned(style: RefusalStyle): AwsError {
  return refusal(style, 'unsigned');
}

/** Larger than any object of this product by far. */
const BODY_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Of a caller who has still to be proven by the body: an access key's id is no secret. The most that a service takes whose
 * clients state no hash. Source: DynamoDB API Reference, BatchWriteItem (16 MB).
 */
export const UNPROVEN_BODY_BYTES_MAX = 16 * 1024 * 1024;

export interface Signer {
  readonly bodyBytesMax: number;
  /** @throws AwsError when the body is another than was signed, or when it proves the signature wrong. */
  principalOf(body: Uint8Array): Principal;
}

/** @throws AwsError when the head says already that the request is refused. */
export function signerOf(
  head: Head,
  signature: Signature,
  iam: Pick<Iam, 'principalOf'> & Pick<Credentials, 'credentialOf'>,
  style: RefusalStyle,
  nowMs: number,
): Signer {
  const credential = iam.credentialOf(signature.accessKeyId);
  if (credential === undefined) throw refusal(style, 'unknown-key');
  if (credential.session?.token !== signature.sessionToken) throw refusal(style, 'wrong-token');

  const provenBy = (payload: string): Principal => {
    if (!isSignedWith(credential.secretAccessKey, signature, head, payload)) throw refusal(style, 'wrong-signature');
    const late = signature.service === 'sts' ? timeFault(signature, nowMs) : undefined;
    if (late !== undefined) throw refusal(style, 'wrong-signature', late);
    const principal = iam.principalOf(signature.accessKeyId);
    if (principal === undefined) throw refusal(style, 'expired');
    return principal;
  };

  const stated = statedPayload(signature, head);
  if (stated === undefined) {
    return { bodyBytesMax: UNPROVEN_BODY_BYTES_MAX, principalOf: (body) => provenBy(payloadHash(body)) };
  }
  const principal = provenBy(stated);
  return {
    bodyBytesMax: BODY_BYTES_MAX,
    principalOf(body) {
      if (!isPayload(stated, body)) throw refusal(style, 'wrong-signature');
      return principal;
    },
  };
}

function refusal(style: RefusalStyle, fault: Fault, said?: string): AwsError {
  const [code, status, message] = WORDS[style][fault];
  return new AwsError(code, said ?? message, { status });
}
