/** Requests signed for Lambda, with the credentials and the region that the AWS CLI would take. */
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** By the clock of whoever answers, where the answer tells it. */
  readonly date?: string;
}

export type Headers = Readonly<Record<string, string>>;

export interface SignedFetch {
  /** @throws whatever `fetch` throws when nobody answers, and the SDK's errors when there are no credentials. */
  (method: 'GET' | 'POST', url: URL, body?: string, headers?: Headers): Promise<Answer>;
  region(): Promise<string>;
}

const TIMEOUT_MS = 60_000;

/** A request, and the answer as it comes: nothing of it is read yet. @throws as `SignedFetch` does. */
export interface SignedRequest {
  (method: 'GET' | 'POST', url: URL, body?: string, headers?: Headers): Promise<Response>;
  region(): Promise<string>;
}

type Settings = Pick<STSClientConfig, 'credentials' | 'region'>;

/** @param settings Other credentials or another region than those of the environment and the profile. */
export function signedFetch(settings: Settings = {}): SignedFetch {
  const request = signedRequest(settings);
  const send = async (...given: Parameters<SignedRequest>): Promise<Answer> => {
    const response = await request(...given);
    const date = response.headers.get('date');
    return { status: response.status, text: await response.text(), ...(date !== null && { date }) };
  };
  return Object.assign(send, { region: request.region });
}

/** @param settings As for `signedFetch`. No redirect is followed: the signature is for one host. */
export function signedRequest(settings: Settings = {}): SignedRequest {
  // Of the client only its configuration is taken: the SDK's own chain of credentials, and its hash.
  const { config } = new STSClient(settings);
  const { credentials, region, sha256 } = config;

  const send = async (method: 'GET' | 'POST', url: URL, body = '', more: Headers = {}): Promise<Response> => {
    const signer = new SignatureV4({ service: 'lambda', region: regionOf(url) ?? region, credentials, sha256 });
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers: { host: url.host, ...(body && { 'content-type': 'application/json' }), ...more },
      ...(body && { body }),
    });
    const { host: _byFetchItself, ...others } = headers;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return fetch(url, { method, headers: others, signal, redirect: 'error', ...(body && { body }) });
  };
  return Object.assign(send, { region });
}

function queryOf({ searchParams }: URL): Record<string, string[]> {
  return Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]));
}

/** `ID.lambda-url.REGION.on.aws`, `lambda.REGION.amazonaws.com`: signed for its own region, whichever is ours. */
export function regionOf({ hostname }: URL): string | undefined {
  return /(?:\.lambda-url|^lambda)\.([a-z0-9-]+)\.(?:on\.aws|amazonaws\.com)$/.exec(hostname)?.[1];
}

/** What AWS says in an answer of its own. */
export function messageOf(text: string): string {
  const body = jsonOf(text) as { Message?: string; message?: string };
  return body.Message ?? body.message ?? text.slice(0, 200);
}

/** An answer's fields; none of what is no JSON object. */
export function jsonOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
