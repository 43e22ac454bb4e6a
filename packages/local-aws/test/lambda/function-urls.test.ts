/** Function URLs of local AWS, through its door. Facts: Lambda developer guide, function URLs. */
import { signedFetch } from '../../../../cli/operate/signed-fetch';
import type { LocalAws } from '../../aws';
import { ACCOUNT, localAws, REGION } from '../support/local-aws';

const ECHO = `exports.handler = async (event) => {
  if (event.rawPath === '/fails') throw new Error('secret of the function');
  if (event.rawPath === '/teapot') return { statusCode: 418, headers: { 'X-Kind': 'pot' }, body: 'c2hvcnQ=', isBase64Encoded: true };
  return event;
};`;

const BOTH = [
  { Effect: 'Allow', Action: 'lambda:InvokeFunctionUrl', Resource: '*' },
  { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' },
];

const template = (AuthType = 'AWS_IAM') => ({
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    },
    Echo: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        ...{ FunctionName: 'echo', Handler: 'index.handler', Runtime: 'nodejs24.x', Timeout: 10 },
        ...{ Code: { ZipFile: ECHO }, Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
      },
    },
    Url: { Type: 'AWS::Lambda::Url', Properties: { AuthType, TargetFunctionArn: { 'Fn::GetAtt': ['Echo', 'Arn'] } } },
  },
  Outputs: { Url: { Value: { 'Fn::GetAtt': ['Url', 'FunctionUrl'] } } },
});

let aws: LocalAws;
let url: string;
beforeAll(async () => {
  ({ aws } = await localAws());
  url = (await aws.deploy(template(), { accountId: ACCOUNT })).outputs['Url'] ?? '';
});
afterAll(() => aws.stop());

const administrator = () => signedFetch({ region: REGION, credentials: aws.credentials(ACCOUNT) });

/** A session of a role that may do what the statements say. */
function sessionWith(Statement: readonly object[], accountId = ACCOUNT) {
  const arn = `arn:aws:iam::${accountId}:role/person`;
  aws.iam.putRole({
    ...{ arn, name: 'person', accountId, principalId: 'AROAPERSON', trustPolicy: { Statement: [] } },
    policies: [{ Version: '2012-10-17', Statement: [...Statement] as never }],
  });
  return signedFetch({ region: REGION, credentials: aws.iam.openSession(arn, 'ada', 3600) });
}

test('a signed request reaches the function in payload format 2.0, with the caller whom the signature proved', async () => {
  const { status, text } = await sessionWith(BOTH)('POST', new URL('some/path?a=1&a=2', url), '{"b":1}');

  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    version: '2.0',
    rawPath: '/some/path',
    rawQueryString: 'a=1&a=2',
    queryStringParameters: { a: '1,2' },
    body: '{"b":1}',
    isBase64Encoded: false,
    requestContext: {
      authorizer: { iam: { accountId: ACCOUNT, userArn: `arn:aws:sts::${ACCOUNT}:assumed-role/person/ada` } },
      http: { method: 'POST', path: '/some/path' },
      timeEpoch: expect.any(Number),
    },
  });
  expect(JSON.parse(text).headers).not.toHaveProperty('authorization');
});

test('the answer of the function is the answer of the URL: status, headers and bytes', async () => {
  expect(await administrator()('GET', new URL('teapot', url))).toMatchObject({ status: 418, text: 'short' });
});

test('a function that fails answers 502 and says nothing of its error', async () => {
  const { status, text } = await administrator()('GET', new URL('fails', url));

  expect(status).toBe(502);
  expect(text).not.toContain('secret');
});

test('a request without a signature is refused', async () => {
  const response = await fetch(url, { method: 'POST', body: '{}' });

  expect(response.status).toBe(403);
  expect(response.headers.get('x-amzn-errortype')).toBe('AccessDeniedException');
  expect(await response.json()).toMatchObject({ Message: expect.stringMatching(/^Forbidden\./) });
});

test('a request with a wrong signature is refused', async () => {
  const { accessKeyId } = aws.credentials(ACCOUNT);
  const forger = signedFetch({ region: REGION, credentials: { accessKeyId, secretAccessKey: 'guessed' } });

  expect((await forger('POST', new URL(url), '{}')).status).toBe(403);
});

test.each([
  ['none at all', []],
  ['only that for the URL', BOTH.slice(0, 1)],
  ['only that for the function', BOTH.slice(1)],
  [
    'that for another kind of URL',
    [
      { ...BOTH[0], Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } } },
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' },
    ],
  ],
])('both permissions are needed: with %s the caller is refused', async (_, statements) => {
  expect(await sessionWith(statements)('POST', new URL(url), '{}')).toMatchObject({
    status: 403,
    text: expect.stringContaining('Forbidden'),
  });
});

test('a caller who may invoke by URL only may not invoke the function directly', async () => {
  const byUrl = { ...BOTH[1], Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } } };
  const caller = sessionWith([BOTH[0] ?? {}, byUrl]);

  expect((await caller('POST', new URL(url), '{}')).status).toBe(200);
  const invocations = new URL('/2015-03-31/functions/echo/invocations', aws.url);
  expect((await caller('POST', invocations, '{}')).status).toBe(403);
});

test('a caller of another account is refused unless the function admits them', async () => {
  const stranger = '444455556666';
  aws.credentials(stranger);

  expect((await sessionWith(BOTH, stranger)('POST', new URL(url), '{}')).status).toBe(403);

  const admit = (id: string, more: object) => ({
    [id]: { Type: 'AWS::Lambda::Permission', Properties: { FunctionName: 'echo', Principal: stranger, ...more } },
  });
  const { Resources, Outputs } = template();
  const admitting = {
    ...Resources,
    ...admit('ByUrl', { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'AWS_IAM' }),
    ...admit('Invoke', { Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
  };
  await aws.deploy({ Resources: admitting, Outputs }, { accountId: ACCOUNT });
  expect((await sessionWith(BOTH, stranger)('POST', new URL(url), '{}')).status).toBe(200);
});

test('the URL of a function is found by its name and stays the same', async () => {
  const configuration = await administrator()('GET', new URL('/2021-10-31/functions/echo/url', aws.url));

  expect(JSON.parse(configuration.text)).toMatchObject({ FunctionUrl: url, AuthType: 'AWS_IAM' });
  expect((await aws.deploy(template(), { accountId: ACCOUNT })).outputs['Url']).toBe(url);
  const other = await administrator()('GET', new URL('/2021-10-31/functions/nobody/url', aws.url));
  expect(other.status).toBe(404);
});

test('a URL of another kind is not deployed', async () => {
  await expect(aws.deploy(template('COGNITO'), { accountId: ACCOUNT })).rejects.toThrow(/AuthType.*AWS_IAM.*NONE/);
});

describe('a URL that asks for no signature', () => {
  const open = (more: object) => ({ Type: 'AWS::Lambda::Permission', Properties: { FunctionName: 'echo', ...more } });
  const URL_FOR_ALL = open({ Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' });
  const FUNCTION_FOR_ALL = open({ Principal: '*', Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true });
  const SIGNED_ALONE = open({ Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'AWS_IAM' });

  async function deployed(permissions: Readonly<Record<string, object>>) {
    const { aws: other } = await localAws();
    const { Resources, Outputs } = template('NONE');
    const { outputs } = await other.deploy(
      { Resources: { ...Resources, ...permissions }, Outputs },
      { accountId: ACCOUNT },
    );
    return { other, open: outputs['Url'] ?? '' };
  }

  test('reaches the function, which is told of no caller, and opens nothing else of the door', async () => {
    const { other, open } = await deployed({ UrlForAll: URL_FOR_ALL, FunctionForAll: FUNCTION_FOR_ALL });
    try {
      const response = await fetch(new URL('some/path?a=1', open), { method: 'POST', body: 'x' });
      const event = JSON.parse(await response.text());

      expect(response.status).toBe(200);
      expect(event).toMatchObject({ rawPath: '/some/path', requestContext: { accountId: 'anonymous' } });
      expect(event.requestContext).not.toHaveProperty('authorizer');
      expect(event.requestContext.domainName).toContain(`.lambda-url.${REGION}.`);
      // What a browser says of the form that the function's own page holds.
      expect((await fetch(open, { method: 'POST', headers: { origin: 'null' }, body: 'x' })).status).toBe(200);
      expect((await fetch(other.url, { method: 'POST', headers: { origin: 'null' }, body: 'x' })).status).toBe(403);
      for (const path of ['/lambda-url/unknown/', '/2015-03-31/functions/echo/invocations', '/'])
        expect((await fetch(new URL(path, other.url), { method: 'POST', body: '{}' })).status).toBeGreaterThanOrEqual(
          400,
        );
    } finally {
      await other.stop();
    }
  });

  test.each<[string, Readonly<Record<string, object>>]>([
    ['nothing', {}],
    ['the URL alone', { UrlForAll: URL_FOR_ALL }],
    ['the function alone', { FunctionForAll: FUNCTION_FOR_ALL }],
    ['signed requests alone', { SignedAlone: SIGNED_ALONE, FunctionForAll: FUNCTION_FOR_ALL }],
  ])('is shut where the function’s policy opens %s', async (_title, permissions) => {
    const { other, open } = await deployed(permissions);
    try {
      expect((await fetch(open, { method: 'POST', body: 'x' })).status).toBe(403);
    } finally {
      await other.stop();
    }
  });
});
