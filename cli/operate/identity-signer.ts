/** Proves who asks: signs a request to STS that only the API itself sends, with the credentials the AWS CLI would take. */

import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { endpointOf, IDENTITY_BODY, identityHeaders } from '../../shared/adapters/sts-identity-request';
import { defined } from '../../shared/domain/optional-fields';
import type { IdentityProof } from '../../shared/domain/retirement/proven-caller';

export interface ProofRequest {
  /** What is asked: `statementOf`. */
  readonly statement: string;
  /** Of the function that is asked: it sends the request to STS there. */
  readonly region: string;
  readonly at: Date;
}

export type IdentitySigner = (request: ProofRequest) => Promise<IdentityProof>;

/** @param settings Other credentials than those of the environment and the profile. */
export function identitySigner(settings: Pick<STSClientConfig, 'credentials'> = {}): IdentitySigner {
  return async ({ statement, region, at }) => {
    // The function’s plain endpoint, whichever kind is set for our own calls.
    const client = new STSClient({ ...settings, region, useFipsEndpoint: false, useDualstackEndpoint: false });
    const { credentials, sha256 } = client.config;
    const { protocol, hostname, host } = await endpointOf(client);
    const signer = new SignatureV4({ service: 'sts', region, credentials, sha256, applyChecksum: false });
    const headers = identityHeaders({ host, statement });
    const request = { method: 'POST', protocol, hostname, path: '/', headers, body: IDENTITY_BODY };
    const signed = (await signer.sign(request, { signingDate: at })).headers;
    const [, accessKeyId = '', signature = ''] =
      /Credential=([^/]+)\/.*Signature=([0-9a-f]+)$/.exec(signed['authorization'] ?? '') ?? [];
    const sessionToken = signed['x-amz-security-token'];
    const signedAt = signed['x-amz-date'] ?? '';
    return { accessKeyId, signedAt, signature, ...defined({ sessionToken }) };
  };
}
