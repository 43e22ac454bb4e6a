/**
 * Who signed a statement: the request is made anew from the proof's few parts, sent to our own STS, and its answer read
 * by its one documented form. Nothing that a caller says reaches the request but what an access key, a date, a token and
 * a signature are made of.
 */

import type { STSClient } from '@aws-sdk/client-sts';
import { KeywrightError } from '../domain/errors';
import { refused } from '../domain/retirement/identity-proof';
import type { IdentityVerifier } from '../domain/retirement/ports';
import type { Identity, IdentityProof } from '../domain/retirement/proven-caller';
import { endpointOf, IDENTITY_BODY, identityHeaders } from './sts-identity-request';

/** STS answers within some ten milliseconds, in some 500 bytes. */
const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 16_384;

/** With these STS asks to come again; with every other code it refuses. Source: STS API reference, "Common errors". */
const LATER: ReadonlySet<string> = new Set([
  'Throttling',
  'ThrottlingException',
  'RequestThrottled',
  'RequestLimitExceeded',
]);

/** @param client Its region and its endpoint are used; its credentials are not. */
export function stsIdentityVerifier(
  client: Pick<STSClient, 'send' | 'config'>,
  timeoutMs = TIMEOUT_MS,
): IdentityVerifier {
  let known: Promise<{ readonly url: URL; readonly region: string }> | undefined;
  /** Kept, unless it could not be told: then the next call asks again. */
  const whereabouts = () => {
    known ??= (async () => ({ url: await endpointOf(client), region: await client.config.region() }))();
    known.catch(() => {
      known = undefined;
    });
    return known;
  };

  return {
    async verify(proof, statement) {
      const { url, region } = await whereabouts();
      const { status, text } = await answered(url, headersOf(proof, statement, url.host, region), timeoutMs);
      if (status === 200) return identityIn(text);
      const code = /<Code>([A-Za-z]{1,64})<\/Code>/.exec(text)?.[1];
      if (status < 400 || status === 429 || status >= 500 || code === undefined || LATER.has(code)) {
        throw unreachable(`STS answered ${status}${code === undefined ? '' : ` ${code}`}`);
      }
      throw refused(`STS does not take the signature: ${code}. Sign anew, with credentials that are valid.`, {
        awsError: code,
      });
    },
  };
}

function headersOf(
  { accessKeyId, signedAt, signature, sessionToken }: IdentityProof,
  statement: string,
  host: string,
  region: string,
) {
  const signed: Readonly<Record<string, string>> = {
    ...identityHeaders({ host, statement }),
    'x-amz-date': signedAt,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(signed).sort().join(';');
  const scope = `${signedAt.slice(0, 8)}/${region}/sts/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...signed, authorization };
}

async function answered(url: URL, headers: Readonly<Record<string, string>>, timeoutMs: number) {
  // `host` is that of the address, set by `fetch` itself.
  const { host: _byFetch, ...others } = headers;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, {
      method: 'POST',
      headers: others,
      body: IDENTITY_BODY,
      redirect: 'manual',
      signal,
    });
    return { status: response.status, text: await textOf(response) };
  } catch (error) {
    if (error instanceof KeywrightError) throw error;
    throw unreachable(`STS does not answer: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.byteLength;
    if (bytes > ANSWER_BYTES_MAX) throw unreachable(`STS answered with more than ${ANSWER_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const ANSWER =
  /^(?:<\?xml[^<>]*\?>)?\s*<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/">\s*<GetCallerIdentityResult>((?:\s*<(?:Arn|UserId|Account)>[^<>&]+<\/(?:Arn|UserId|Account)>){3})\s*<\/GetCallerIdentityResult>\s*<ResponseMetadata>/;

/**
 * Of IAM users, roots, sessions of roles and federated users, in any partition there is.
 * Source: IAM user guide, "IAM identifiers"; the SDK's list of partitions (`partitions.js` of @aws-sdk/core).
 */
const PRINCIPAL =
  /^arn:aws(?:-cn|-us-gov|-eusc|-iso|-iso-b|-iso-e|-iso-f)?:(?:iam|sts)::(\d{12}):(?:root|(?:user|assumed-role|federated-user)\/[!-~]+)$/;

/** The answer as a whole has to be what STS documents: what looks like it somewhere inside another answer counts for nothing. */
function identityIn(text: string): Identity {
  const fields = ANSWER.exec(text)?.[1] ?? '';
  const field = (name: string) => new RegExp(`<${name}>([^<>]+)</${name}>`).exec(fields)?.[1] ?? '';
  const [principal, userId, account] = [field('Arn'), field('UserId'), field('Account')];
  if (userId !== '' && account !== '' && PRINCIPAL.exec(principal)?.[1] === account) return { principal, userId };
  throw unreachable('STS answered without an identity');
}

const unreachable = (problem: string, cause?: unknown): KeywrightError =>
  new KeywrightError('sts.unreachable', `${problem}. Try again.`, {}, { cause });
