/**
 * The stack of the function behind a URL that anybody may open: `GET /TOKEN` shows a page of the web, `POST /TOKEN` sends its form.
 *
 * Nothing of a request is believed, and little of it read: the token says what may be done. Answers hold no script, are kept by nobody, are
 * shown in no frame, and tell no other site where they are. The token is in no line of the log.
 */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import type { LinkRequest } from '../domain/availability/acknowledging/acknowledge-page';
import { failurePage, refusalPage, type WebPage } from '../domain/availability/acknowledging/answer-html';
import { KeywrightError } from '../domain/errors';
import type { Basics } from './basics';

/** A form with two lines of text, each character of it escaped, and room to spare. */
const BODY_MAX = 8 * 1024;

/** In base64 a body is longer by a third. */
const RAW_BODY_MAX = Math.ceil((BODY_MAX * 4) / 3);

const EVENT = z.object({
  rawPath: z.string(),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
  requestContext: z.object({ requestId: z.string(), http: z.object({ method: z.string() }) }),
});

/** A handler that answers with what `run` makes of a link. Never throws: what fails is an answer. */
export function onLink(
  run: (request: LinkRequest) => Promise<WebPage>,
  { log, metrics }: Pick<Basics, 'log' | 'metrics'>,
) {
  return middy(async (received: LambdaFunctionURLEvent): Promise<APIGatewayProxyStructuredResultV2> => {
    const event = EVENT.parse(received);
    const { requestId, http } = event.requestContext;
    const fields = { requestId, method: http.method };
    try {
      const request = requestIn(event);
      const page = typeof request === 'number' ? refusalPage(request) : await run(request);
      metrics.addMetric(page.status < 400 ? 'answered' : 'refused', MetricUnit.Count, 1);
      log.info('answered', { ...fields, status: page.status });
      return answerOf(page);
    } catch (error) {
      const mayPass = error instanceof KeywrightError && error.retry;
      metrics.addMetric(mayPass ? 'refused' : 'failed', MetricUnit.Count, 1);
      log[mayPass ? 'warn' : 'error']('not answered', { ...fields, reason: String(error) });
      return answerOf(failurePage(mayPass ? 503 : 500));
    }
  }).use(logMetrics(metrics));
}

/** The status of a refusal for what is no request for a link. */
function requestIn({
  rawPath,
  body = '',
  isBase64Encoded,
  requestContext,
}: z.output<typeof EVENT>): LinkRequest | 405 | 413 {
  const token = rawPath.slice(1);
  if (requestContext.http.method === 'GET') return { token };
  if (requestContext.http.method !== 'POST') return 405;
  if (body.length > (isBase64Encoded ? RAW_BODY_MAX : BODY_MAX)) return 413;
  const form = new URLSearchParams(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body);
  return { token, typed: { name: form.get('name') ?? '', note: form.get('note') ?? '' } };
}

const answerOf = ({ status, html }: WebPage): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers: {
    ...HEADERS,
    ...(status === 405 && { allow: 'GET, POST' }),
  },
  body: html,
});

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
} as const;
