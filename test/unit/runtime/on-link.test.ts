/** The stack behind a URL that anybody may open: what it reads of a request, and what it answers. */
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import type { LinkRequest } from '../../../shared/domain/availability/acknowledging/acknowledge-page';
import type { WebPage } from '../../../shared/domain/availability/acknowledging/answer-html';
import { KeywrightError } from '../../../shared/domain/errors';
import { onLink } from '../../../shared/runtime/on-link';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

function opened(run: (request: LinkRequest) => Promise<WebPage> = async () => ({ status: 200, html: 'shown' })) {
  const requests: LinkRequest[] = [];
  const lines: string[] = [];
  const counted: string[] = [];
  const write = (level: string) => (message: string, fields?: object) =>
    void lines.push(JSON.stringify({ level, message, ...fields }));
  const metrics = new Metrics({ namespace: 'test', serviceName: 'links' });
  jest.spyOn(metrics, 'addMetric').mockImplementation((name) => {
    counted.push(name);
    return metrics;
  });
  const handler = onLink(
    async (request) => {
      requests.push(request);
      return run(request);
    },
    { log: { info: write('info'), warn: write('warn'), error: write('error') }, metrics },
  );
  return {
    requests,
    lines,
    counted,
    send: (method: string, fields: Partial<LambdaFunctionURLEvent> = {}) =>
      handler(
        {
          rawPath: '/the-token',
          isBase64Encoded: false,
          requestContext: { requestId: 'request-1', http: { method } },
          ...fields,
        } as LambdaFunctionURLEvent,
        {} as Context,
      ),
  };
}

test('GET opens a link, and POST sends its form, in plain text or in base64', async () => {
  const { requests, send } = opened();
  const body = 'name=Ada+L&note=I%20call%20%E2%80%9Cthem%E2%80%9D&other=x';

  await send('GET');
  await send('POST', { body });
  await send('POST', { body: Buffer.from(body).toString('base64'), isBase64Encoded: true });
  await send('POST');

  const typed = { name: 'Ada L', note: 'I call “them”' };
  expect(requests).toEqual([
    { token: 'the-token' },
    { token: 'the-token', typed },
    { token: 'the-token', typed },
    { token: 'the-token', typed: { name: '', note: '' } },
  ]);
});

test.each(['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'post'])('%s is refused, and opens nothing', async (method) => {
  const { requests, send, counted } = opened();

  expect(await send(method)).toMatchObject({ statusCode: 405, headers: { allow: 'GET, POST' } });
  expect(requests).toEqual([]);
  expect(counted).toEqual(['refused']);
});

test('a form that is too long is not read', async () => {
  const { requests, send } = opened();
  const body = `note=${'x'.repeat(9_000)}`;

  expect(await send('POST', { body })).toMatchObject({ statusCode: 413 });
  const encoded = { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
  expect(await send('POST', encoded)).toMatchObject({ statusCode: 413 });
  expect(requests).toEqual([]);
});

test('an answer is kept by nobody, is in no frame, runs nothing and tells no other site of the link', async () => {
  const { headers, body } = await opened().send('GET');

  expect(body).toBe('shown');
  expect(headers).toEqual({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex',
  });
});

test.each([
  ['what may pass', new KeywrightError('store.unreachable', 'a secret host'), 503, 'refused'],
  ['a permission that is missing', new KeywrightError('kms.access-denied', 'a secret role'), 500, 'failed'],
  ['a bug', new TypeError('a secret line'), 500, 'failed'],
])('%s is answered with what to do, in words that tell nothing of it', async (_title, error, status, metric) => {
  const { send, lines, counted } = opened(async () => Promise.reject(error));

  const { statusCode, body } = await send('POST');

  expect(statusCode).toBe(status);
  expect(body).toContain('keywright ack INCIDENT');
  expect(body).not.toContain('secret');
  expect(lines.join()).toContain('a secret');
  expect(counted).toEqual([metric]);
});

test('the token is in no line of the log', async () => {
  const { send, lines } = opened();
  const failing = opened(async () => Promise.reject(new Error('away')));

  await send('GET');
  await send('POST');
  await failing.send('POST');

  expect(lines).toHaveLength(2);
  expect([...lines, ...failing.lines].join()).not.toContain('the-token');
});
