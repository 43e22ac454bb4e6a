/**
 * Lambda's HTTP interface: invoke, and read what is there. What exists is made by the deployer, from the template.
 * Source of paths, headers and codes: Lambda API reference, 2015-03-31.
 */
import { AwsError, type Json, type JsonObject } from '../call';
import type { Iam } from '../contracts';
import type { RestAnswer, RestEngine, RestRequest } from '../door/rest';
import { decoded } from '../percent';
import type { Fleet } from './fleet';
import type { FunctionUrl, FunctionUrls } from './function-urls';
import type { Functions, LambdaFunction } from './functions';
import type { Logs } from './logs';
import type { Mapping, Mappings } from './mappings';

export interface LambdaRestParts {
  readonly iam: Iam;
  readonly functions: Functions;
  readonly fleet: Fleet;
  readonly mappings: Mappings;
  readonly logs: Logs;
  readonly urls: FunctionUrls;
  readonly accept: (target: LambdaFunction, event: Json) => void;
}

/** Synchronous and asynchronous payloads. Source: Lambda quotas. */
const PAYLOAD_BYTES_MAX = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024, DryRun: 6 * 1024 * 1024 };
/** `LogType: Tail` gives the last 4 KB. Source: Lambda API reference, Invoke. */
const LOG_TAIL_BYTES = 4_096;

type Route = readonly [
  method: string,
  path: RegExp,
  answer: (request: RestRequest, name: string) => Promise<RestAnswer> | RestAnswer,
];

export function lambdaRest(parts: LambdaRestParts): RestEngine {
  const find = (request: RestRequest, name: string) =>
    parts.functions.get(name, { accountId: request.caller.accountId, region: request.region });

  const requireAction = (request: RestRequest, action: string, resource = '*') =>
    parts.iam.require(request.caller, {
      action: `lambda:${action}`,
      resource,
      resourceAccountId: request.caller.accountId,
    });

  const ownFunctions = ({ caller, region }: RestRequest) =>
    parts.functions.all().filter((one) => one.accountId === caller.accountId && one.region === region);

  const invoke = async (request: RestRequest, name: string): Promise<RestAnswer> => {
    const target = find(request, name);
    parts.functions.requireInvoke(target, request.caller);
    const type = invocationType(request.headers['x-amz-invocation-type']);
    const payload = payloadOf(request.body, PAYLOAD_BYTES_MAX[type]);
    if (type === 'DryRun') return { status: 204, headers: {}, body: '' };
    if (type === 'Event') {
      parts.accept(target, JSON.parse(payload) as Json);
      return { status: 202, headers: {}, body: '' };
    }
    if (!parts.fleet.isAllowed(target)) throw throttled();
    const { answer } = await parts.fleet.run(target, payload, request.requestId);
    const headers = {
      'content-type': 'application/json',
      'x-amz-executed-version': '$LATEST',
      ...(request.headers['x-amz-log-type'] === 'Tail' && { 'x-amz-log-result': logTail(parts.logs.of(target.name)) }),
    };
    if ('payload' in answer) return { status: 200, headers, body: answer.payload };
    return {
      status: 200,
      headers: { ...headers, 'x-amz-function-error': 'Unhandled' },
      body: JSON.stringify(answer.failure),
    };
  };

  const routes: readonly Route[] = [
    ['POST', /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, invoke],
    [
      'GET',
      /^\/2015-03-31\/functions\/?$/,
      (request) => {
        requireAction(request, 'ListFunctions');
        return json({ Functions: ownFunctions(request).map(configurationOf), NextMarker: null });
      },
    ],
    [
      'GET',
      /^\/2015-03-31\/functions\/([^/]+)(?:\/configuration)?$/,
      (request, name) => {
        const target = find(request, name);
        const isWhole = !request.path.endsWith('/configuration');
        requireAction(request, isWhole ? 'GetFunction' : 'GetFunctionConfiguration', target.arn);
        return json(isWhole ? { Configuration: configurationOf(target), Code: {} } : configurationOf(target));
      },
    ],
    [
      'GET',
      /^\/2021-10-31\/functions\/([^/]+)\/url$/,
      (request, name) => {
        const { arn } = find(request, name);
        requireAction(request, 'GetFunctionUrlConfig', arn);
        const url = parts.urls.urlOf(arn);
        if (url !== undefined) return json(urlConfigurationOf(arn, url));
        const text = 'The resource you requested does not exist.';
        throw new AwsError('ResourceNotFoundException', text, { status: 404 });
      },
    ],
    [
      'GET',
      /^\/2015-03-31\/event-source-mappings\/?$/,
      (request) => {
        requireAction(request, 'ListEventSourceMappings');
        const own = new Set(ownFunctions(request).map(({ arn }) => arn));
        const found = [...parts.mappings.all()].filter(({ functionArn }) => own.has(functionArn));
        return json({ EventSourceMappings: found.map(mappingOf) });
      },
    ],
  ];

  return {
    service: 'lambda',
    isOpen: parts.urls.isOpen,
    async handleHttp(request) {
      if (parts.urls.takes(request)) return parts.urls.answer(request);
      for (const [method, path, answer] of routes) {
        const found = method === request.method ? path.exec(request.path) : null;
        if (found) return answer(request, decoded(found[1] ?? ''));
      }
      throw new AwsError(
        'UnknownOperationException',
        `${request.method} ${request.path} is not part of local Lambda.`,
        { status: 404 },
      );
    },
  };
}

function invocationType(header = 'RequestResponse'): keyof typeof PAYLOAD_BYTES_MAX {
  if (header === 'RequestResponse' || header === 'Event' || header === 'DryRun') return header;
  throw new AwsError('InvalidParameterValueException', `Unsupported invocation type: ${header}`);
}

function payloadOf(body: Uint8Array, bytesMax: number): string {
  if (body.byteLength > bytesMax)
    throw new AwsError(
      'RequestEntityTooLargeException',
      `Request must be smaller than ${bytesMax} bytes for the InvokeFunction operation`,
      { status: 413 },
    );
  const text = Buffer.from(body).toString('utf8') || '{}';
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
}

function throttled(): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    status: 429,
    fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', Type: 'User' },
  });
}

function logTail(lines: readonly string[]): string {
  return Buffer.from(lines.join('\n')).subarray(-LOG_TAIL_BYTES).toString('base64');
}

function json(body: JsonObject): RestAnswer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function configurationOf(target: LambdaFunction): JsonObject {
  return {
    FunctionName: target.name,
    FunctionArn: target.arn,
    Runtime: target.runtime,
    Role: target.roleArn,
    Handler: target.handler,
    Timeout: target.timeoutSeconds,
    MemorySize: target.memoryMb,
    CodeSha256: Buffer.from(target.codeSha256, 'hex').toString('base64'),
    Environment: { Variables: target.variables },
    Version: '$LATEST',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
  };
}

function urlConfigurationOf(functionArn: string, { url, authType }: FunctionUrl): JsonObject {
  return { FunctionArn: functionArn, FunctionUrl: url, AuthType: authType, InvokeMode: 'BUFFERED' };
}

function mappingOf(mapping: Mapping): JsonObject {
  return {
    UUID: mapping.id,
    FunctionArn: mapping.functionArn,
    EventSourceArn: mapping.sourceArn,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    State: mapping.isEnabled ? 'Enabled' : 'Disabled',
    FunctionResponseTypes: mapping.reportsFailures ? ['ReportBatchItemFailures'] : [],
  };
}
