/** The API as commands use it: calls an operation, proves who asks where that counts, and tells a person what to do when it refuses. */
import { statementOf } from '../../shared/domain/retirement/identity-proof';
import { ApiRefusal } from './api-refusal';
import { type ApiAddress, type FunctionName, findFunction, type Place, policyName } from './find-function';
import { type IdentitySigner, identitySigner } from './identity-signer';
import { type Answer, type Headers, jsonOf, messageOf, type SignedFetch, signedFetch } from './signed-fetch';

export interface Api {
  /** @throws ApiRefusal */
  call<Result>(operation: string, input: object): Promise<Result>;
}

/** Operations for which callers prove who they are, each with the function that answers. All others `api` answers unproven. */
const PROVEN: Readonly<Record<string, FunctionName>> = {
  'request-retirement-step': 'api',
  'approve-retirement-step': 'approve-retirement',
};

/** Operations that another function than `api` answers, unproven. */
const ELSEWHERE: Readonly<Record<string, FunctionName>> = { 'export-sla': 'export-sla' };

/** An answer that asks to try again later is taken up again so often, then told. Every operation is safe to repeat. */
const TRIES = 4;
const PAUSE_MS = 250;

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
    const place = places.get(key) ?? findFunction(name, isProven, address, environment, ask);
    places.set(key, place);
    return place;
  };
  /** Made anew for each attempt: it serves once. */
  const scanReferences = async ({ functionArn = '' }: Place, operation: string, body: string): Promise<Headers> => {
    const statement = statementOf({ functionArn, operation, body });
    const region = functionArn.split(':')[3] ?? '';
    return { 'x-keywright-proof': JSON.stringify(await sign({ statement, region, at: clock.now() })) };
  };

  return {
    async call<Result>(operation: string, input: object) {
      const isProven = Object.hasOwn(PROVEN, operation);
      const name = PROVEN[operation] ?? ELSEWHERE[operation] ?? 'api';
      const place = await placeOf(name, isProven);
      const url = new URL(operation, place.url);
      const body = JSON.stringify(input);
      for (let attempt = 1; ; attempt += 1) {
        const answer = await ask('POST', url, body, isProven ? await scanReferences(place, operation, body) : {});
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
    throw new ApiRefusal(
      'api.unreachable',
      `${url.origin} does not answer: ${reason}. Is the address right, and does local AWS still run if it is one?`,
    );
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
