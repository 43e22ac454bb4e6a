/** The API as commands use it: finds it, calls an operation, and tells a person what to do when it refuses. */
import { statementOf } from '../../shared/domain/identity-proof';
import { type IdentitySigner, identitySigner } from './identity-signer';
import { type Answer, type Headers, regionOf, type SignedFetch, signedFetch } from './signed-fetch';

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

/** The functions that people call, and the policy of the stack that lets them: `keywright-STAGE-POLICY`. */
const POLICY_OF = { api: 'operator', 'approve-retirement': 'approver' } as const;
type FunctionName = keyof typeof POLICY_OF;

/** Operations for which callers prove who they are, each with the function that answers. All others `api` answers unproven. */
const PROVEN: Readonly<Record<string, FunctionName>> = {
  'request-retirement-step': 'api',
  'approve-retirement-step': 'approve-retirement',
};

/** An answer that asks to try again later is taken up again so often, then told. Every operation is safe to repeat. */
const TRIES = 4;
const PAUSE_MS = 250;

/** Where a function answers; of one that was looked up also which it is. */
interface Place {
  readonly url: URL;
  readonly functionArn?: string;
}

/** @param environment Where `KEYWRIGHT_API_URL` and the AWS endpoint are looked up. */
export function apiAt(
  address: ApiAddress,
  environment = process.env,
  send: SignedFetch = signedFetch(),
  sign: IdentitySigner = identitySigner(),
): Api {
  const clock = serverClock();
  const ask: SignedFetch = Object.assign(
    async (...request: Parameters<SignedFetch>) => clock.hear(await reached(request[1], () => send(...request))),
    { region: send.region },
  );
  const places = new Map<string, Promise<Place>>();
  const placeOf = (name: FunctionName, isProven: boolean) => {
    const key = `${name} ${isProven}`;
    const place = places.get(key) ?? findPlace(name, isProven, address, environment, ask);
    places.set(key, place);
    return place;
  };
  /** Made anew for each attempt: it serves once. */
  const proofOf = async ({ functionArn = '' }: Place, operation: string, body: string): Promise<Headers> => {
    const statement = statementOf({ functionArn, operation, body });
    const region = functionArn.split(':')[3] ?? '';
    return { 'x-keywright-proof': JSON.stringify(await sign({ statement, region, at: clock.now() })) };
  };

  return {
    async call<Result>(operation: string, input: object) {
      const isProven = operation in PROVEN;
      const name = PROVEN[operation] ?? 'api';
      const place = await placeOf(name, isProven);
      const url = new URL(operation, place.url);
      const body = JSON.stringify(input);
      for (let attempt = 1; ; attempt += 1) {
        const answer = await ask('POST', url, body, isProven ? await proofOf(place, operation, body) : {});
        if (answer.status === 200) return JSON.parse(answer.text) as Result;
        const { retry, refusal } = refusalOf(answer, url, policyName(name, address));
        if (!retry || attempt === TRIES) throw refusal;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
      }
    },
  };
}

/** The time as who answers tells it, as the SDK keeps it: a proof counts for a few minutes of that clock. */
function serverClock() {
  let aheadMs = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    hear(answer: Answer): Answer {
      if (answer.date !== undefined) aheadMs = (Date.parse(answer.date) || Date.now()) - Date.now();
      return answer;
    },
  };
}

/**
 * What takes a proof is asked of the function that Lambda itself knows by its name, and its ARN is signed. An address that
 * was given is then compared: nobody shall ask another deployment than they mean.
 */
async function findPlace(
  name: FunctionName,
  isProven: boolean,
  address: ApiAddress,
  environment: NodeJS.ProcessEnv,
  send: SignedFetch,
): Promise<Place> {
  const given = address.api ?? environment['KEYWRIGHT_API_URL'];
  if (given === undefined) return lookUp(name, address, await regionFor(send), environment, send);
  const url = baseOf(given);
  if (!isProven) return { url };
  const region = regionOf(url) ?? (await regionFor(send));
  const api = await lookUp('api', address, region, environment, send);
  if (api.url.href !== url.href) {
    const message = `--api: ${url} is not the API of stage ${address.stage} in ${region}. Name its --stage as well: what takes two people is signed for it.`;
    throw new ApiRefusal('input.invalid', message, 'api');
  }
  return name === 'api' ? api : lookUp(name, address, region, environment, send);
}

async function lookUp(
  functionName: FunctionName,
  { stage }: ApiAddress,
  region: string,
  environment: NodeJS.ProcessEnv,
  send: SignedFetch,
): Promise<Place> {
  const endpoint =
    environment['AWS_ENDPOINT_URL_LAMBDA'] ??
    environment['AWS_ENDPOINT_URL'] ??
    `https://lambda.${region}.amazonaws.com`;
  const name = `keywright-${stage}-${functionName}`;
  const url = new URL(`/2021-10-31/functions/${name}/url`, endpoint);
  const { status, text } = await send('GET', url);
  if (status === 200) {
    const { FunctionUrl, FunctionArn } = JSON.parse(text);
    return { url: baseOf(FunctionUrl), functionArn: FunctionArn };
  }
  const why =
    status === 404
      ? `There is no function ${name} in ${region}`
      : `Lambda does not tell where ${name} is: ${messageOf(text)}`;
  const way = status === 403 ? ` Attach the policy ${policyName(functionName, { stage })} to your principal.` : '';
  throw new ApiRefusal(
    'api.not-found',
    `${why}.${way} Name the address with --api or KEYWRIGHT_API_URL, or another --stage.`,
  );
}

const policyName = (name: FunctionName, { stage }: ApiAddress): string => `keywright-${stage}-${POLICY_OF[name]}`;

/** A base that operations are names below. */
function baseOf(text: string): URL {
  if (URL.canParse(text)) return new URL(text.endsWith('/') ? text : `${text}/`);
  throw new ApiRefusal(
    'input.invalid',
    `--api: "${text}" is no URL. It looks like https://….lambda-url.REGION.on.aws/`,
    'api',
  );
}

async function regionFor(send: SignedFetch): Promise<string> {
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

function refusalOf({ status, text }: Answer, url: URL, policy: string) {
  const error = (jsonOf(text) as { error?: { code: string; message: string; field?: string; retry?: boolean } }).error;
  if (error) return { retry: error.retry === true, refusal: new ApiRefusal(error.code, error.message, error.field) };
  // The function URL itself refuses before the API is asked.
  const way = status === 403 ? ` Your principal needs the policy ${policy}, which the stack makes.` : '';
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
