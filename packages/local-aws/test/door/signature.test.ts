import { createHash, createHmac } from 'node:crypto';
import type { Incoming } from '../../door/incoming';
import { isPayload, isSignedWith, payloadHash, signatureOf, statedPayload, timeFault } from '../../door/signature';

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
  const payload = statedPayload(signature, incoming) ?? payloadHash(incoming.body);
  return isSignedWith(secret, signature, incoming, payload) && isPayload(payload, incoming.body);
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

/** Signed by the rules of the worked examples, whatever it leaves out. */
const signed = (headers: Incoming['headers'], signedHeaders: string, day = '20150830'): Incoming => {
  const unsigned = { ...LIST_USERS, method: 'POST', rawQuery: '', headers };
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const lines = signedHeaders.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonical = ['POST', '/', '', lines.join(''), signedHeaders, hash('')].join('\n');
  const scope = `${day}/us-east-1/sts/aws4_request`;
  const key = [...scope.split('/')].reduce<Buffer | string>(
    (before, part) => createHmac('sha256', before).update(part).digest(),
    `AWS4${LIST_USERS_SECRET}`,
  );
  const text = `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${scope}\n${hash(canonical)}`;
  const value = createHmac('sha256', key).update(text).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signedHeaders}, Signature=${value}`;
  return { ...unsigned, headers: { ...headers, authorization } };
};

const STATED = { host: 'sts.us-east-1.amazonaws.com', 'x-amz-date': '20150830T123600Z', 'x-of-ours': 'a statement' };

test('a header of one’s own among the signed ones is covered, and one that is not is not', () => {
  const stated = signed(STATED, 'host;x-amz-date;x-of-ours');
  const unstated = signed(STATED, 'host;x-amz-date');
  const changed = (incoming: Incoming) => ({ ...incoming, headers: { ...incoming.headers, 'x-of-ours': 'another' } });

  expect([isRight(stated, LIST_USERS_SECRET), isRight(changed(stated), LIST_USERS_SECRET)]).toEqual([true, false]);
  expect(isRight(changed(unstated), LIST_USERS_SECRET)).toBe(true);
});

test.each([
  ['the host', signed(STATED, 'x-amz-date;x-of-ours')],
  ['the day of its own date', signed(STATED, 'host;x-amz-date', '20150831')],
])('a signature that leaves out %s is none', (_, incoming) => {
  expect(isRight(incoming, LIST_USERS_SECRET)).toBe(false);
});

test.each([
  [
    '2015-08-30T12:20:59Z',
    /^Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z \(20150830T122059Z \+ 15 min\.\)$/,
  ],
  ['2015-08-30T12:21:00Z', undefined],
  ['2015-08-30T12:51:00Z', undefined],
  [
    '2015-08-30T12:51:01Z',
    /^Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \(20150830T125101Z - 15 min\.\)$/,
  ],
])('at %s a signature of 12:36 counts or not', (now, said) => {
  const signature = signatureOf(LIST_USERS);
  const fault = signature && timeFault(signature, Date.parse(now));

  if (said) expect(fault).toMatch(said);
  else expect(fault).toBeUndefined();
});

test('a date that is none counts never', () => {
  const signature = signatureOf({ ...LIST_USERS, headers: { ...LIST_USERS.headers, 'x-amz-date': 'today' } });
  expect(signature && timeFault(signature, 0)).toMatch(/ISO-8601/);
});

test.each([
  ['no authorization', { ...LIST_USERS, headers: {} }],
  ['an authorization of another kind', { ...LIST_USERS, headers: { authorization: 'Bearer x' } }],
  ['half a credential', { ...LIST_USERS, headers: { authorization: 'AWS4-HMAC-SHA256 Credential=A/B, Signature=c' } }],
])('a request with %s is unsigned', (_, incoming) => {
  expect(signatureOf(incoming)).toBeUndefined();
});
