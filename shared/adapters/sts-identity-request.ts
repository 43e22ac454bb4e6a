/**
 * The request to STS by which somebody proves who they are: what signs it and what sends it make it from the same few
 * parts, so that nothing of it is left to choose. The Query protocol's form; no other action, host or header.
 * Source: STS API reference, GetCallerIdentity; IAM user guide, "Elements of an AWS API request signature".
 */
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';

/** Holds what is proven. AWS takes any header among the signed ones. */
const STATEMENT_HEADER = 'x-keywright-statement';

export const IDENTITY_BODY = 'Action=GetCallerIdentity&Version=2011-06-15';

export interface SignedParts {
  /** Of STS, with its port where it has one of its own. */
  readonly host: string;
  readonly statement: string;
}

/** The headers that are signed besides the date and the session token. Names in the order of the alphabet. */
export const identityHeaders = ({ host, statement }: SignedParts) => ({
  'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
  host,
  [STATEMENT_HEADER]: statement,
});

/**
 * Where the SDK sends this client's requests: the endpoint of its region, or the one that was configured. Sends nothing.
 *
 * @throws what the SDK throws when there is no region, or no credentials: it looks for them although it needs none.
 */
export async function endpointOf(client: Pick<STSClient, 'send'>): Promise<URL> {
  const command = new GetCallerIdentityCommand();
  let url: URL | undefined;
  command.middlewareStack.add(
    () =>
      async ({ request }) => {
        const { protocol, hostname, port } = request as { protocol: string; hostname: string; port?: number };
        url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}/`);
        return { response: undefined, output: { $metadata: {} } };
      },
    { step: 'build', priority: 'high', name: 'observeEndpoint' },
  );
  await client.send(command);
  if (url) return url;
  throw new Error('The SDK resolved no endpoint of STS.');
}
