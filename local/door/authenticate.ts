/**
 * Who calls: from the access key in the signature, after the signature was found right.
 * Source of codes and texts: the services' "Common errors" pages, and for S3 "List of error codes".
 */
import { AwsError, type Principal } from '../call';
import type { Iam } from '../contracts';
import type { Credentials } from '../iam/iam';
import { FORBIDDEN } from '../lambda/functions';
import type { Incoming } from './incoming';
import type { RefusalStyle } from './services';
import { isSignedWith, type Signature, timeFault } from './signature';

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

export function authenticate(
  incoming: Incoming,
  signature: Signature,
  iam: Pick<Iam, 'principalOf'> & Pick<Credentials, 'credentialOf'>,
  style: RefusalStyle,
  nowMs: number,
): Principal {
  const credential = iam.credentialOf(signature.accessKeyId);
  if (credential === undefined) throw refusal(style, 'unknown-key');
  if (credential.session?.token !== signature.sessionToken) throw refusal(style, 'wrong-token');
  if (!isSignedWith(credential.secretAccessKey, signature, incoming)) throw refusal(style, 'wrong-signature');
  const late = signature.service === 'sts' ? timeFault(signature, nowMs) : undefined;
  if (late !== undefined) throw refusal(style, 'wrong-signature', late);
  const principal = iam.principalOf(signature.accessKeyId);
  if (principal === undefined) throw refusal(style, 'expired');
  return principal;
}

function refusal(style: RefusalStyle, fault: Fault, said?: string): AwsError {
  const [code, status, message] = WORDS[style][fault];
  return new AwsError(code, said ?? message, { status });
}
