/** What differs between services on the wire: one row each. */
import type { AwsError } from '../call';
import { own } from '../own-property';
import type { Head } from './incoming';
import { jsonWire } from './json-wire';
import { IAM_QUERY, SNS_QUERY, SQS_QUERY, STS_QUERY } from './query-dialects';
import { queryWire } from './query-wire';
import type { RestAnswer } from './rest';
import { restJsonWire } from './rest-json-wire';
import { refuseAsS3 } from './rest-xml-wire';
import { SCHEDULER_ROUTES } from './scheduler-routes';
import type { WireFormat } from './wire';

/** How a service answers callers it does not know: the words differ by protocol. */
export type RefusalStyle = 'json' | 'query' | 'rest-json' | 'function-url' | 's3';

export interface ServiceWire {
  readonly style: RefusalStyle;
  /** Absent for a service whose engine reads HTTP itself. */
  readonly wire?: WireFormat;
  refuse(error: AwsError, requestId: string): RestAnswer;
  /** The code of a request over the rate limit, and of a failure on AWS's side. Source: the service's API reference. */
  readonly throttled: { readonly code: string; readonly status: number };
  readonly failed: { readonly code: string; readonly status: number };
}

const spoken = (
  style: RefusalStyle,
  wire: WireFormat,
  codes: { readonly throttled: string; readonly throttledStatus?: number; readonly failed: string },
): ServiceWire => ({
  style,
  wire,
  refuse: wire.refuse.bind(wire),
  throttled: { code: codes.throttled, status: codes.throttledStatus ?? 400 },
  failed: { code: codes.failed, status: 500 },
});

const JSON_1_0 = jsonWire('1.0');
const JSON_1_1 = jsonWire('1.1');
const REST_JSON = restJsonWire([]);
const SQS_CODES = { throttled: 'RequestThrottled', failed: 'InternalError' };

const OF_SERVICE: Readonly<Record<string, ServiceWire>> = {
  kms: spoken('json', JSON_1_1, { throttled: 'ThrottlingException', failed: 'KMSInternalException' }),
  events: spoken('json', JSON_1_1, { throttled: 'ThrottlingException', failed: 'InternalException' }),
  cloudtrail: spoken('json', JSON_1_1, { throttled: 'ThrottlingException', failed: 'InternalFailure' }),
  dynamodb: spoken('json', JSON_1_0, { throttled: 'ThrottlingException', failed: 'InternalServerError' }),
  sqs: spoken('json', JSON_1_0, SQS_CODES),
  sns: spoken('query', queryWire(SNS_QUERY), {
    throttled: 'Throttled',
    throttledStatus: 429,
    failed: 'InternalError',
  }),
  iam: spoken('query', queryWire(IAM_QUERY), { throttled: 'Throttling', failed: 'ServiceFailure' }),
  sts: spoken('query', queryWire(STS_QUERY), { throttled: 'Throttling', failed: 'InternalFailure' }),
  scheduler: spoken('rest-json', restJsonWire(SCHEDULER_ROUTES), {
    throttled: 'ThrottlingException',
    throttledStatus: 429,
    failed: 'InternalServerException',
  }),
  lambda: spoken('rest-json', REST_JSON, {
    throttled: 'TooManyRequestsException',
    throttledStatus: 429,
    failed: 'ServiceException',
  }),
  'function-url': spoken('function-url', REST_JSON, {
    throttled: 'TooManyRequestsException',
    failed: 'ServiceException',
  }),
  s3: {
    style: 's3',
    refuse: refuseAsS3,
    throttled: { code: 'SlowDown', status: 503 },
    failed: { code: 'InternalError', status: 500 },
  },
};

const SQS_AS_FORM = spoken('query', queryWire(SQS_QUERY), SQS_CODES);
const OTHER = spoken('json', JSON_1_1, { throttled: 'ThrottlingException', failed: 'InternalFailure' });

export function serviceWire(service: string, { headers }: Head): ServiceWire {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return service === 'sqs' && isForm ? SQS_AS_FORM : (own(OF_SERVICE, service) ?? OTHER);
}
