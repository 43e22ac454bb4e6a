/**
 * Function URLs: an HTTP address of a function's own, for signed requests (`AuthType: AWS_IAM`) or for anybody's (`NONE`).
 *
 * AWS gives each a host, `https://ID.lambda-url.REGION.on.aws/`. Names below `localhost` are not resolved on every
 * machine, so that here it is a path of the one door: `http://127.0.0.1:PORT/lambda-url/ID/`.
 * Source: Lambda developer guide, "Invoking Lambda function URLs" and "Control access to Lambda function URLs".
 */
import { createHash } from 'node:crypto';
import { AwsError, type JsonObject, type Principal } from '../call';
import type { EngineDeps } from '../contracts';
import { ANYBODY, type RestAnswer, type RestRequest } from '../door/rest';
import type { Fleet } from './fleet';
import type { Functions, LambdaFunction } from './functions';

export type AuthType = 'AWS_IAM' | 'NONE';

export interface FunctionUrl {
  readonly url: string;
  readonly authType: AuthType;
}

export interface FunctionUrls {
  /** Gives a function its URL; the same one whenever it is asked for again. */
  open(functionArn: string, authType: AuthType): string;
  /** Undefined for a function without one. */
  urlOf(functionArn: string): FunctionUrl | undefined;
  /** Whether the path is of a URL that takes requests without a signature. */
  isOpen(path: string): boolean;
  close(functionArn: string): void;
  /** Whether the request goes to a function URL, and not to Lambda's own interface. */
  takes(request: RestRequest): boolean;
  answer(request: RestRequest): Promise<RestAnswer>;
}

interface Row {
  readonly functionArn: string;
  /** Absent of rows from before there was another: `AWS_IAM`. */
  readonly authType?: AuthType;
}

/** Where every function URL begins on the door. */
export const FUNCTION_URL_PATH = '/lambda-url/';

/** Source: Lambda quotas, synchronous payloads. */
const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

/** What reaches the function as text; everything else as base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded))/;

export function functionUrls(
  world: Pick<EngineDeps, 'store' | 'clock'>,
  parts: { readonly functions: Functions; readonly fleet: Fleet; readonly endpoint: () => string },
): FunctionUrls {
  const rows = world.store.table<Row>('lambda-function-urls');
  const addressOf = (id: string) => `${parts.endpoint()}${FUNCTION_URL_PATH}${id}/`;

  const authTypeOf = (id: string): AuthType => rows.get(id)?.authType ?? 'AWS_IAM';

  const targetOf = (id: string): LambdaFunction => {
    const row = rows.get(id);
    if (row) return parts.functions.get(row.functionArn);
    throw new AwsError('ResourceNotFoundException', 'There is no such function URL.', { status: 404 });
  };

  return {
    open(functionArn, authType) {
      const { arn } = parts.functions.get(functionArn);
      const id = idOf(arn);
      rows.set(id, { functionArn: arn, authType });
      return addressOf(id);
    },
    urlOf(functionArn) {
      const id = idOf(functionArn);
      return rows.has(id) ? { url: addressOf(id), authType: authTypeOf(id) } : undefined;
    },
    isOpen: (path) => path.startsWith(FUNCTION_URL_PATH) && authTypeOf(idIn(path)) === 'NONE',
    close: (functionArn) => rows.delete(idOf(functionArn)),
    takes: ({ path }) => path.startsWith(FUNCTION_URL_PATH),
    async answer(request) {
      const [id = '', ...rest] = request.path.slice(FUNCTION_URL_PATH.length).split('/');
      const target = targetOf(id);
      if (authTypeOf(id) === 'NONE') parts.functions.requireOpenUrl(target);
      else parts.functions.requireInvokeByUrl(target, request.caller);
      if (request.body.byteLength > PAYLOAD_BYTES_MAX) throw tooLarge();
      if (!parts.fleet.isAllowed(target))
        throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', { status: 429 });
      const { region } = target;
      const caller = authTypeOf(id) === 'NONE' ? ANYBODY : request.caller;
      const event = eventOf(
        { ...request, caller, region },
        { id, path: `/${rest.join('/')}`, nowMs: world.clock.now() },
      );
      const { answer } = await parts.fleet.run(target, JSON.stringify(event), request.requestId);
      return 'payload' in answer ? answerOf(answer.payload) : FAILED;
    },
  };
}

const idIn = (path: string): string => path.slice(FUNCTION_URL_PATH.length).split('/')[0] ?? '';

/** AWS makes them from the account and more, the same each time: 32 characters. */
const idOf = (functionArn: string) => createHash('sha256').update(functionArn).digest('hex').slice(0, 32);

/** The function's error stays in its log. Seen on AWS; no page of its documentation states it. */
const FAILED: RestAnswer = {
  status: 502,
  headers: { 'content-type': 'text/plain' },
  body: 'Internal Server Error',
};

function tooLarge(): AwsError {
  return new AwsError('RequestEntityTooLargeException', `A request holds at most ${PAYLOAD_BYTES_MAX} bytes.`, {
    status: 413,
  });
}

/** Payload format 2.0. The signature itself is left out: it is for the door, and no function has a use for it. */
function eventOf(
  { method, query, headers, body, caller, region, requestId }: RestRequest,
  { id, path, nowMs }: { readonly id: string; readonly path: string; readonly nowMs: number },
): JsonObject {
  const { authorization: _signature, ...passed } = headers;
  const isText = TEXT.test(headers['content-type'] ?? 'text/plain');
  const at = new Date(nowMs);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query.toString(),
    headers: passed,
    ...(query.size > 0 && { queryStringParameters: joined(query) }),
    requestContext: {
      accountId: caller.accountId,
      apiId: id,
      ...(caller.type !== 'Anonymous' && { authorizer: { iam: iamOf(caller) } }),
      domainName: `${id}.lambda-url.${region}.on.aws`,
      domainPrefix: id,
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: clfTime(at),
      timeEpoch: nowMs,
    },
    ...(body.byteLength > 0 && { body: Buffer.from(body).toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.byteLength > 0 && !isText,
  };
}

/** Whom the signature proved. Of a request that needs none there is no authorizer. */
const iamOf = ({ accessKeyId, accountId, principalId, arn }: Principal): JsonObject => ({
  ...(accessKeyId !== undefined && { accessKey: accessKeyId }),
  accountId,
  callerId: principalId,
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: arn,
  userId: principalId,
});

/** A parameter that comes more than once is joined by commas. */
function joined(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]));
}

/** `12/Mar/2020:19:03:58 +0000` */
function clfTime(at: Date): string {
  const [, day, month, year, time] = at.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

/** An object with a status code is the answer; anything else is its body, as JSON. */
function answerOf(payload: string): RestAnswer {
  const value: unknown = JSON.parse(payload);
  if (!isAnswer(value)) return { status: 200, headers: { 'content-type': 'application/json' }, body: payload };
  const headers = Object.fromEntries(
    Object.entries(value.headers ?? {}).map(([name, text]) => [name.toLowerCase(), String(text)]),
  );
  return {
    status: value.statusCode,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(value.body ?? '', value.isBase64Encoded ? 'base64' : 'utf8'),
  };
}

interface FunctionAnswer {
  readonly statusCode: number;
  readonly headers?: JsonObject;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

function isAnswer(value: unknown): value is FunctionAnswer {
  return typeof value === 'object' && value !== null && 'statusCode' in value && typeof value.statusCode === 'number';
}
