/** Where the functions answer that people call: by an address that was given, or by their names. */
import { ApiRefusal } from './api-refusal';
import { messageOf, regionOf, type SignedFetch } from './signed-fetch';

export interface ApiAddress {
  /** Where the API is, when it was said. */
  readonly api?: string | undefined;
  readonly stage: string;
}

/** The functions that people call, and the policy of the stack that lets them: `keywright-STAGE-POLICY`. */
const POLICY_OF = { api: 'operator', 'approve-retirement': 'approver', 'export-sla': 'contracts' } as const;
export type FunctionName = keyof typeof POLICY_OF;

/** Where a function answers; of one that was looked up also which it is. */
export interface Place {
  readonly url: URL;
  readonly functionArn?: string;
}

/**
 * What takes a proof, and what another function answers than the API, is asked of the function that Lambda itself knows by its
 * name. An address that was given is then compared: nobody shall ask another deployment than they mean.
 */
export async function findFunction(
  name: FunctionName,
  isProven: boolean,
  address: ApiAddress,
  environment: NodeJS.ProcessEnv,
  send: SignedFetch,
): Promise<Place> {
  const given = address.api ?? environment['KEYWRIGHT_API_URL'];
  if (given === undefined) return lookUp(name, address, await regionFor(send), environment, send);
  const url = baseOf(given);
  if (name === 'api' && !isProven) return { url };
  const region = regionOf(url) ?? (await regionFor(send));
  const api = await lookUp('api', address, region, environment, send);
  if (api.url.href !== url.href) {
    const message = `--api: ${url} is not the API of stage ${address.stage} in ${region}. Name its --stage as well: what is asked here goes to a function of that stage.`;
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

export const policyName = (name: FunctionName, { stage }: ApiAddress): string =>
  `keywright-${stage}-${POLICY_OF[name]}`;

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
