import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { defineOperation } from '../../../shared/domain/api/operation';
import { type ErrorCode, KeywrightError } from '../../../shared/domain/errors';
import { statementOf } from '../../../shared/domain/retirement/identity-proof';
import { onHttp } from '../../../shared/runtime/on-http';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

const ADA = 'arn:aws:sts::111122223333:assumed-role/operator/ada';

const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:keywright-dev-api';

/** What a verb does in a test. */
type Does = () => Promise<object>;

function api(does: Does = async () => ({})) {
  const lines: { level: string; message: string; fields?: Readonly<Record<string, unknown>> }[] = [];
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    void lines.push({ level, message, ...(fields && { fields }) });
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const metrics = new Metrics({ namespace: 'test', serviceName: 'api' });
  const echo = defineOperation('echo', { word: z.optional(z.string()) }, async (input, caller) => ({ input, caller }));
  const act = defineOperation('act', {}, does);
  const handler = onHttp([echo, act], { log, metrics });

  async function send(event: unknown, functionArn = FUNCTION_ARN) {
    const context = { functionName: 'api', invokedFunctionArn: functionArn } as Context;
    const answer = await handler(event as LambdaFunctionURLEvent, context);
    return { status: answer.statusCode, body: JSON.parse(answer.body ?? '') };
  }

  return {
    lines,
    send,
    async call(
      path: string,
      body: unknown = {},
      options: { method?: string; userArn?: string | undefined; headers?: unknown; functionArn?: string } = {},
    ) {
      const { method = 'POST', userArn = ADA, headers = {}, functionArn = FUNCTION_ARN } = options;
      const event = {
        rawPath: path,
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        isBase64Encoded: false,
        requestContext: {
          requestId: 'request-1',
          http: { method },
          ...('userArn' in options && userArn === undefined ? {} : { authorizer: { iam: { userArn } } }),
        },
      };
      return send(event, functionArn);
    },
  };
}

test('a proof goes on to the operation as it came, with what it has to be signed for', async () => {
  const headers = { 'x-keywright-proof': '{"accessKeyId":"A"}' };
  const claimOf = async (path: string, body: string, functionArn?: string) =>
    (await api().call(path, body, { headers, ...(functionArn && { functionArn }) })).body.caller.claim;
  const body = '{ "word": "hello" }';

  expect(await claimOf('/echo', body)).toEqual({
    proof: headers['x-keywright-proof'],
    statement: statementOf({ functionArn: FUNCTION_ARN, operation: 'echo', body }),
  });
  // Another function, and the same input in other letters.
  const others = [await claimOf('/echo', body, `${FUNCTION_ARN}2`), await claimOf('/echo', '{"word":"hello"}')];
  expect(new Set([await claimOf('/echo', body), ...others].map(({ statement }) => statement)).size).toBe(3);
});

test.each([undefined, null, {}, { 'x-keywright-proof': { accessKeyId: 'A' } }])(
  'an event with the headers %j brings no proof',
  async (headers) => {
    const { body } = await api().call('/echo', {}, { headers });
    expect(body.caller).toEqual({ principal: ADA });
  },
);

test('the caller is whom the request context names, whatever the request says', async () => {
  const { status, body } = await api().call('/echo', { word: 'hello' });

  expect(status).toBe(200);
  expect(body).toEqual({ input: { word: 'hello' }, caller: { principal: ADA } });
});

test('a request in which AWS names no caller is refused before anything else', async () => {
  let hasRun = false;
  const { call } = api(async () => {
    hasRun = true;
    return {};
  });
  const event = { rawPath: '/act', body: '{}', requestContext: { requestId: '1', http: { method: 'POST' } } };

  const answer = await onHttp([defineOperation('act', {}, async () => ({}))], {
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: new Metrics({ namespace: 'test', serviceName: 'api' }),
  })(event as unknown as LambdaFunctionURLEvent, { functionName: 'api' } as Context);

  expect(answer.statusCode).toBe(401);
  expect((await call('/act', {}, { userArn: '' })).status).toBe(401);
  expect(hasRun).toBe(false);
});

const GOOD = {
  rawPath: '/echo',
  headers: {},
  body: '{}',
  isBase64Encoded: false,
  requestContext: { requestId: '1', http: { method: 'POST' }, authorizer: { iam: { userArn: ADA } } },
};
const inContext = (fields: object) => ({ ...GOOD, requestContext: { ...GOOD.requestContext, ...fields } });

test.each<[string, number, unknown]>([
  ['as AWS makes it', 200, GOOD],
  ['without a body', 200, { ...GOOD, body: undefined }],
  ['of nothing', 401, null],
  ['of text', 401, 'echo'],
  ['of another service', 401, { Records: [] }],
  ['without a path', 401, { ...GOOD, rawPath: undefined }],
  ['whose path is no text', 401, { ...GOOD, rawPath: ['/echo'] }],
  ['without a context', 401, { ...GOOD, requestContext: undefined }],
  ['without a method', 401, inContext({ http: undefined })],
  ['without an id', 401, inContext({ requestId: undefined })],
  ['whose body is no text', 401, { ...GOOD, body: { word: 'x' }, isBase64Encoded: true }],
  ['whose caller has no name', 401, inContext({ authorizer: { iam: { userArn: [ADA] } } })],
  ['whose caller’s name is none', 401, inContext({ authorizer: { iam: { userArn: `${ADA}\ud800` } } })],
  ['whose headers are text', 401, { ...GOOD, headers: 'x-keywright-proof' }],
])('an event %s is answered with %i, and never ends in an error', async (_, status, event) => {
  const { send, lines } = api();

  const answer = await send(event);

  expect(answer.status).toBe(status);
  if (status === 401) expect(answer.body.error).toMatchObject({ code: 'not-authorised', retry: false });
  expect(lines.map(({ level }) => level)).toEqual([status === 200 ? 'info' : 'warn']);
});

test.each<[ErrorCode, number, boolean]>([
  ['input.invalid', 400, false],
  ['state.not-found', 404, false],
  ['state.forbids', 409, false],
  ['state.changed-meanwhile', 409, true],
  ['store.unreachable', 503, true],
  ['kms.throttled', 503, true],
  ['kms.access-denied', 409, false],
  ['identity.stale', 403, false],
  ['identity.refused', 403, false],
])('%s is answered with status %i, and retry is %s', async (code, status, retry) => {
  const { call } = api(async () => {
    throw new KeywrightError(code, 'key: not so. Do otherwise.', { kmsKeyArn: 'arn' });
  });

  const answer = await call('/act');

  expect(answer.status).toBe(status);
  expect(answer.body.error).toMatchObject({ code, message: 'key: not so. Do otherwise.', retry });
});

test('the field at fault is told apart from the message', async () => {
  const { call } = api(async () => {
    throw new KeywrightError('state.forbids', 'approval.hash: is for another certificate. Ask for a new one.');
  });

  expect((await call('/act')).body.error.field).toBe('approval.hash');
});

test('of a failure that nobody foresaw the caller hears nothing, and the log all of it', async () => {
  const { call, lines } = api(async () => {
    throw new TypeError('secret of the inside');
  });

  const { status, body } = await call('/act');

  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('secret');
  expect(lines).toMatchObject([
    { level: 'error', fields: { reason: 'secret of the inside', requestId: 'request-1', principal: ADA } },
  ]);
});

test('what was asked by whom is in the log; what they sent is not', async () => {
  const { call, lines } = api();

  await call('/echo', { word: 'private' });

  expect(lines).toEqual([
    { level: 'info', message: 'answered', fields: { requestId: 'request-1', operation: 'echo', principal: ADA } },
  ]);
});

test.each([
  ['an operation that is not there', '/nothing', {}, 404, 'operation'],
  ['a body that is no JSON', '/echo', '{', 400, 'input'],
  ['a body that is no object', '/echo', '[]', 400, 'input'],
  ['a field that the operation does not know', '/echo', { wrod: 'x' }, 400, 'wrod'],
  ['a field of another type', '/echo', { word: 7 }, 400, 'word'],
])('%s is refused by name', async (_, path, body, status, field) => {
  const answer = await api().call(path, body);

  expect(answer.status).toBe(status);
  expect(answer.body.error.field).toBe(field);
  expect(answer.body.error.message).toMatch(new RegExp(`^${field}: `));
});

test('an operation is not run by reading its address', async () => {
  expect((await api().call('/echo', {}, { method: 'GET' })).status).toBe(404);
});
