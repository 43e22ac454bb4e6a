/**
 * The stack of the function behind a function URL: `POST /OPERATION` with a JSON object, and a JSON object comes back; where a
 * function has files, `GET /PATH` for one of them.
 *
 * Who calls is what the event's request context says, which is what AWS verified for whoever comes by the URL, and never
 * anything in the request itself. Whoever may invoke the function directly writes the event themselves: so where it counts
 * who asks, the operation asks for a proof beside it. An error that was foreseen is told with its code and the field at fault; of one that nobody foresaw the caller
 * hears that it happened, and our log the rest.
 */

import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { ContractViolation } from '../../events/define-event';
import type { Operation } from '../domain/api/operation';
import { type ErrorCode, KeywrightError } from '../domain/errors';
import { defined } from '../domain/optional-fields';
import { statementOf } from '../domain/retirement/identity-proof';
import type { Basics } from './basics';
import { fileAnswer } from './file-answer';

/** What a caller hears when something is refused or fails. */
export interface ApiError {
  readonly code: ErrorCode | 'unforeseen' | 'not-authorised';
  readonly message: string;
  readonly field?: string;
  /** Whether the same request may succeed later by itself. */
  readonly retry: boolean;
}

type Refusal = ApiError & { readonly status: number };

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  'input.invalid': 400,
  'state.not-found': 404,
  'state.forbids': 409,
  'state.key-lost': 409,
  'state.changed-meanwhile': 409,
  'identity.stale': 403,
  'identity.refused': 403,
};

/** Somebody else refused: a customer's key or role, a quota. The caller cannot mend it here. */
const REFUSED_ELSEWHERE = 409;
const TRY_LATER = 503;

type HttpPorts = Pick<Basics, 'log' | 'metrics'>;

/** The header that proves who asks: an `IdentityProof` as JSON. */
const PROOF_HEADER = 'x-keywright-proof';

/** The bytes of a file. @param path Without the slash that it begins with. @throws KeywrightError for what there is not. */
type ReadFile<Ports> = (path: string, principal: string, ports: Ports) => Promise<Uint8Array>;

/** A handler that answers each of the operations at `POST /NAME`, and `GET` by files. Never throws: what fails is an answer. */
export function onHttp<Ports>(
  operations: readonly Operation<Ports>[],
  ports: Ports & HttpPorts,
  readFile?: ReadFile<Ports>,
) {
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  const { log, metrics } = ports;

  async function run(
    request: ApiRequest | undefined,
    { invokedFunctionArn: functionArn }: Context,
  ): Promise<APIGatewayProxyStructuredResultV2> {
    if (!request)
      throw new NotAuthorised('Sign the request with AWS credentials (Signature Version 4, service `lambda`).');
    const { method, operation: name, body, proof, principal } = request;
    if (method === 'GET' && readFile) return fileAnswer(await readFile(name, principal, ports), request.range);
    const operation = method === 'POST' ? byName.get(name) : undefined;
    if (!operation) throw unknownOperation(name, [...byName.keys()]);
    // Which function was invoked Lambda says, not the event: what is proven for one deployment is nothing to another.
    const statement = statementOf({ functionArn, operation: name, body });
    const caller = { principal, ...(proof !== undefined && { claim: { proof, statement } }) };
    return jsonAnswer(200, await operation.run(inputOf(body), caller, ports));
  }

  return middy(async (event: LambdaFunctionURLEvent, context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
    const request = requestIn(event);
    const { requestId, operation, principal } = request ?? {};
    try {
      const answer = await run(request, context);
      metrics.addMetric('answered', MetricUnit.Count, 1);
      log.info('answered', { requestId, operation, principal });
      return answer;
    } catch (error) {
      const { status, ...refusal } = refusalOf(error);
      metrics.addMetric(status === 500 ? 'failed' : 'refused', MetricUnit.Count, 1);
      const fields = { requestId, operation, principal, code: refusal.code, status };
      if (status === 500) log.error('failed', { ...fields, ...causeOf(error) });
      else log.warn('refused', { ...fields, reason: refusal.message });
      return jsonAnswer(status, { error: refusal });
    }
  }).use(logMetrics(metrics));
}

/** Nobody stands behind a request that did not come by the function URL, or by one that asks for no signature. */
class NotAuthorised extends Error {
  override readonly name = 'NotAuthorised';
}

/** What is read of an event: as AWS makes it, or whatever somebody wrote who invokes the function directly. */
const EVENT = z.object({
  rawPath: z.string(),
  headers: z.nullish(z.object({ [PROOF_HEADER]: z.optional(z.unknown()), range: z.optional(z.unknown()) })),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
  requestContext: z.object({
    requestId: z.string(),
    http: z.object({ method: z.string() }),
    // Names in IAM are visible ASCII. Source: IAM user guide, "IAM identifiers".
    authorizer: z.object({ iam: z.object({ userArn: z.string().check(z.regex(/^arn:[!-~]+$/)) }) }),
  }),
});

type ApiRequest = NonNullable<ReturnType<typeof requestIn>>;

/** The request in an event; undefined when it is none that came by the function URL, signed. */
function requestIn(event: unknown) {
  const { data } = EVENT.safeParse(event);
  if (!data) return undefined;
  const { rawPath, headers, body = '', isBase64Encoded, requestContext } = data;
  const { requestId, http, authorizer } = requestContext;
  const { [PROOF_HEADER]: proof, range } = headers ?? {};
  return {
    requestId,
    method: http.method,
    operation: rawPath.slice(1),
    principal: authorizer.iam.userArn,
    body: isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
    ...(typeof proof === 'string' && { proof }),
    ...(typeof range === 'string' && { range }),
  };
}

function inputOf(body: string): unknown {
  try {
    return JSON.parse(body || '{}');
  } catch (cause) {
    throw new KeywrightError('input.invalid', 'input: the body is not JSON.', { field: 'input' }, { cause });
  }
}

function unknownOperation(name: string, known: readonly string[]): KeywrightError {
  const message = `operation: there is no POST /${name}. There are: ${known.join(', ')}.`;
  return new KeywrightError('state.not-found', message, { field: 'operation' });
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof NotAuthorised) {
    return { status: 401, code: 'not-authorised', message: error.message, retry: false };
  }
  if (error instanceof ContractViolation) {
    return { status: 400, code: 'input.invalid', message: error.message, field: error.path, retry: false };
  }
  if (error instanceof KeywrightError) {
    const { code, message, retry } = error;
    const field = fieldOf(error);
    const status = STATUS[code] ?? (retry ? TRY_LATER : REFUSED_ELSEWHERE);
    return { status, code, message, ...defined({ field }), retry };
  }
  const message = 'Something went wrong that nobody foresaw. It is in the log, under this request’s id.';
  return { status: 500, code: 'unforeseen', message, retry: true };
}

/** Refusals begin with the field at fault: `key: …`. */
function fieldOf({ code, message, details }: KeywrightError): string | undefined {
  if (typeof details['field'] === 'string') return details['field'];
  return code.startsWith('kms.') || code.startsWith('sts.') ? undefined : /^(\w[\w.]*): /.exec(message)?.[1];
}

function causeOf(error: unknown) {
  return error instanceof Error ? { reason: error.message, stack: error.stack } : { reason: String(error) };
}

function jsonAnswer(statusCode: number, body: object): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}
