import type { Engine, Principal } from '../call';

/**
 * An engine that takes the HTTP request as it came instead of a parsed call: S3, whose names and conditions stand in
 * path and headers, and DynamoDB, whose bodies pass through unread.
 */
export interface RestEngine {
  readonly service: string;
  /**
   * Answers the request. An `AwsError` thrown here is written by the door in the service's own error form.
   * The door has already checked the signature, where there is one.
   */
  handleHttp(request: RestRequest): Promise<RestAnswer>;
  /** Whether what is at this path is open to requests without a signature. Left out: nothing is. */
  isOpen?(path: string): boolean;
}

export interface RestRequest {
  readonly method: string;
  /** As it was sent: still percent-encoded, without the query. Path style for S3: `/bucket/key`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. Trailers of an `aws-chunked` body (checksums) are found here as well. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The whole body, with `aws-chunked` framing already taken off. */
  readonly body: Uint8Array;
  readonly caller: Principal;
  readonly region: string;
  readonly requestId: string;
}

/** The request id and, where it is missing, `content-length` are added by the door. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** Who sends a request without a signature. */
export const ANYBODY: Principal = { type: 'Anonymous', accountId: 'anonymous', arn: '*', principalId: 'anonymous' };

export type AnyEngine = Engine | RestEngine;

export function takesHttp(engine: AnyEngine): engine is RestEngine {
  return 'handleHttp' in engine;
}

/** What lets a request for this path in though nobody signed it. */
export const openEngine = (engines: readonly AnyEngine[], path: string): RestEngine | undefined =>
  engines.filter(takesHttp).find((engine) => engine.isOpen?.(path));
