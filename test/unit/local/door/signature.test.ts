import type { Incoming } from '../../../../local/door/incoming';
import { isSignedWith, signatureOf } from '../../../../local/door/signature';

/** The worked example of the AWS General Reference, "Signature Version 4 signing process": IAM ListUsers. */
const LIST_USERS: Incoming = {
  method: 'GET',
  path: '/',
  rawQuery: 'Action=ListUsers&Version=2010-05-08',
  headers: {
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    host: 'iam.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
  },
  body: new Uint8Array(),
};
const LIST_USERS_SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** The worked example of the S3 API Reference, "Authenticating requests: using query parameters". */
const PRESIGNED: Incoming = {
  method: 'GET',
  path: '/test.txt',
  rawQuery:
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  headers: { host: 'examplebucket.s3.amazonaws.com' },
  body: new Uint8Array(),
};
const PRESIGNED_SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

function isRight(incoming: Incoming, secret: string): boolean {
  const signature = signatureOf(incoming);
  if (signature === undefined) throw new Error('the request is signed');
  return isSignedWith(secret, signature, incoming);
}

test('the signature says who signed for which service and region', () => {
  const [inHeader, inQuery] = [LIST_USERS, PRESIGNED].map(signatureOf);

  expect(inHeader).toMatchObject({ accessKeyId: 'AKIDEXAMPLE', date: '20150830', region: 'us-east-1', service: 'iam' });
  expect(inQuery).toMatchObject({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', region: 'us-east-1', service: 's3' });
});

test('AWS’s worked examples are signed right', () => {
  expect(isRight(LIST_USERS, LIST_USERS_SECRET)).toBe(true);
  expect(isRight(PRESIGNED, PRESIGNED_SECRET)).toBe(true);
});

test.each([
  ['another secret', LIST_USERS, 'another'],
  ['another method', { ...LIST_USERS, method: 'POST' }, LIST_USERS_SECRET],
  ['another path', { ...LIST_USERS, path: '/other' }, LIST_USERS_SECRET],
  ['another query', { ...LIST_USERS, rawQuery: 'Action=DeleteUser&Version=2010-05-08' }, LIST_USERS_SECRET],
  ['another body', { ...LIST_USERS, body: Buffer.from('x') }, LIST_USERS_SECRET],
  ['another signed header', { ...LIST_USERS, headers: { ...LIST_USERS.headers, host: 'else' } }, LIST_USERS_SECRET],
  ['another object', { ...PRESIGNED, path: '/secret.txt' }, PRESIGNED_SECRET],
  ['a longer life', { ...PRESIGNED, rawQuery: PRESIGNED.rawQuery.replace('86400', '864000') }, PRESIGNED_SECRET],
])('with %s the signature is wrong', (_, incoming, secret) => {
  expect(isRight(incoming, secret)).toBe(false);
});

test('a stated hash must be that of the body', () => {
  const stated = { ...PRESIGNED, headers: { ...PRESIGNED.headers, 'x-amz-content-sha256': '0'.repeat(64) } };
  expect(isRight(stated, PRESIGNED_SECRET)).toBe(false);
});

test.each([
  ['no authorization', { ...LIST_USERS, headers: {} }],
  ['an authorization of another kind', { ...LIST_USERS, headers: { authorization: 'Bearer x' } }],
  ['half a credential', { ...LIST_USERS, headers: { authorization: 'AWS4-HMAC-SHA256 Credential=A/B, Signature=c' } }],
])('a request with %s is unsigned', (_, incoming) => {
  expect(signatureOf(incoming)).toBeUndefined();
});
