/** The API as commands use it: finds it, calls an operation, and tells a person what to do when it refuses. */
import { type SignedFetch, signedFetch } from './signed-fetch';

/** What the API refused, or why it was not reached. The message is for a person. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly code: string;
  readonly field: string | undefined;

  constructor(code: string, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

export interface Api {
  /** @throws ApiRefusal */
  call<Result>(operation: string, input: object): Promise<Result>;
}

export interface ApiAddress {
  /** Where the API is, when it was said. */
  readonly api?: string | undefined;
  readonly stage: string;
}

/** An answer that asks to try again later is taken up again so often, then told. Every operation is safe to repeat. */
const TRIES = 4;
const PAUSE_MS = 250;

/** @param environment Where `KEYWRIGHT_API_URL` and the AWS endpoint are looked up. */
export function apiAt(address: ApiAddress, environment = process.env, send: SignedFetch = signedFetch()): Api {
  let found: Promise<URL> | undefined;
  return {
    async call<Result>(operation: string, input: object) {
      found ??= findApi(address, environment, send);
      const url = new URL(operation, await found);
      for (let attempt = 1; ; attempt += 1) {
        const answer = await reached(url, () => send('POST', url, JSON.stringify(input)));
        if (answer.status === 200) return JSON.parse(answer.text) as Result;
        const { retry, refusal } = refusalOf(answer.status, answer.text, url);
        if (!retry || attempt === TRIES) throw refusal;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
      }
    },
  };
}

async function findApi({ api, stage }: ApiAddress, environment: NodeJS.ProcessEnv, send: SignedFetch): Promise<URL> {
  const said = api ?? environment['KEYWRIGHT_API_URL'];
  if (said !== undefined) return baseOf(said);
  const region = await regionOf(send);
  const endpoint =
    environment['AWS_ENDPOINT_URL_LAMBDA'] ??
    environment['AWS_ENDPOINT_URL'] ??
    `https://lambda.${region}.amazonaws.com`;
  const name = `keywright-${stage}-api`;
  const url = new URL(`/2021-10-31/functions/${name}/url`, endpoint);
  const { status, text } = await reached(url, () => send('GET', url));
  if (status === 200) return baseOf(JSON.parse(text).FunctionUrl);
  const why =
    status === 404
      ? `There is no function ${name} in ${region}`
      : `Lambda does not tell where ${name} is: ${messageOf(text)}`;
  throw new ApiRefusal(
    'api.not-found',
    `${why}. Name the address with --api or KEYWRIGHT_API_URL, or another --stage.`,
  );
}

/** A base that operations are names below. */
function baseOf(text: string): URL {
  if (URL.canParse(text)) return new URL(text.endsWith('/') ? text : `${text}/`);
  throw new ApiRefusal(
    'input.invalid',
    `--api: "${text}" is no URL. It looks like https://….lambda-url.REGION.on.aws/`,
    'api',
  );
}

async function regionOf(send: SignedFetch): Promise<string> {
  try {
    return await send.region();
  } catch {
    throw new ApiRefusal('api.no-region', 'No AWS region. Set AWS_REGION, or name the address with --api.');
  }
}

async function reached<Answer>(url: URL, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const { name, message, cause } = error instanceof Error ? error : new Error(String(error));
    if (name === 'CredentialsProviderError') {
      const way = 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, as for the AWS CLI.';
      throw new ApiRefusal('api.no-credentials', `No AWS credentials: ${message}. ${way}`);
    }
    const reason = cause instanceof Error ? cause.message || message : message;
    throw new ApiRefusal('api.unreachable', `${url.origin} does not answer: ${reason}. Is the address right?`);
  }
}

function refusalOf(status: number, text: string, url: URL) {
  const error = (jsonOf(text) as { error?: { code: string; message: string; field?: string; retry?: boolean } }).error;
  if (error) return { retry: error.retry === true, refusal: new ApiRefusal(error.code, error.message, error.field) };
  // The function URL itself refuses before the API is asked.
  const way =
    status === 403
      ? ' Your principal needs lambda:InvokeFunctionUrl and lambda:InvokeFunction on the function behind it.'
      : '';
  const refusal = new ApiRefusal('api.refused', `${url.origin} answers ${status}: ${messageOf(text)}${way}`);
  return { retry: status === 429 || status === 502 || status === 503, refusal };
}

function messageOf(text: string): string {
  const body = jsonOf(text) as { Message?: string; message?: string };
  return body.Message ?? body.message ?? text.slice(0, 200);
}

function jsonOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
