/**
 * The words that the door and the engines of local AWS share: a call, who makes it, what came of it.
 *
 * The door turns an HTTP request into a `Call`. An engine answers with an `Outcome`. The door writes the answer in the
 * service's wire format and hands call and outcome to the CloudTrail recorder.
 */

/** A JSON value as AWS's wire formats carry it. Binary fields are base64 text, instants are epoch seconds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };
export type JsonObject = { readonly [name: string]: Json | undefined };

/** Who makes a call: found from the access key in the request's signature, never from the request's body. */
export interface Principal {
  readonly type: 'IAMUser' | 'AssumedRole' | 'AWSService' | 'Anonymous';
  readonly accountId: string;
  /** `arn:aws:iam::ID:user/NAME`, `arn:aws:sts::ID:assumed-role/ROLE/SESSION`, or the service's name for a service. */
  readonly arn: string;
  /** `AIDA…`, `AROA…:SESSION`, or the service's name. */
  readonly principalId: string;
  readonly accessKeyId?: string;
  /** The role behind an assumed-role session. */
  readonly role?: { readonly arn: string; readonly name: string; readonly principalId: string };
}

export interface Call {
  /** The service as the signature's credential scope names it: `kms`, `sts`, `events`, `sqs`, `sns`, `s3`, `dynamodb`. */
  readonly service: string;
  /** The API operation, `ReEncrypt` for example. */
  readonly operation: string;
  readonly region: string;
  readonly caller: Principal;
  readonly input: JsonObject;
  readonly requestId: string;
  readonly sourceIp: string;
  readonly userAgent: string;
}

/** What a CloudTrail record says of a call beyond who and when. Only calls that CloudTrail logs carry one. */
export interface TrailDetails {
  readonly eventSource: string;
  readonly readOnly: boolean;
  /** Of a global service: the one region in which all of its calls are recorded. The call's own when left out. */
  readonly region?: string;
  readonly requestParameters: JsonObject | null;
  readonly responseElements: JsonObject | null;
  readonly additionalEventData?: JsonObject;
  /** Keys and aliases the call touched, in AWS's order. Absent where AWS writes none. */
  readonly resources?: readonly { readonly ARN: string; readonly accountId: string; readonly type?: string }[];
}

export interface Outcome {
  readonly output?: JsonObject;
  readonly error?: AwsError;
  readonly trail?: TrailDetails;
}

/** One AWS service. `handle` never throws for a reason that AWS would answer with an error: it returns the error. */
export interface Engine {
  readonly service: string;
  /** Without a promise where the call had its whole effect already: see `loggedCall`. */
  handle(call: Call): Outcome | Promise<Outcome>;
}

/** An error with AWS's own code, text and HTTP status. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /**
   * The code in the Query protocol, and in the header `x-amzn-query-error: CODE;Sender` of JSON answers: SQS keeps the
   * codes of its older protocol there. Absent where it is the same code, as in every other service.
   */
  readonly queryCode?: string;
  /** Further fields of the error's body, `KeyUsage` or `CancellationReasons` for example. */
  readonly fields: JsonObject;

  constructor(
    code: string,
    message: string,
    options: { status?: number; fields?: JsonObject; queryCode?: string } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    if (options.queryCode !== undefined) this.queryCode = options.queryCode;
    this.fields = options.fields ?? {};
  }
}

/** Runs an operation and turns the AWS error it throws into the outcome that carries it; a bug is thrown on. */
export async function outcomeOf(run: () => Promise<Outcome> | Outcome): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AwsError) return { error };
    throw error;
  }
}
