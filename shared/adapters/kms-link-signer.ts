/** Signs and verifies links by an HMAC key that never leaves KMS. A MAC has no encryption context: what it is for stands in the text. */
import { GenerateMacCommand, type KMSClient, VerifyMacCommand } from '@aws-sdk/client-kms';
import type { LinkSigner, LinkVerifier } from '../domain/availability/ports';
import { KeywrightError } from '../domain/errors';
import { askKms } from './kms-errors';

const MacAlgorithm = 'HMAC_SHA_256';

/** A page waits for no longer: KMS takes some ten milliseconds. The client's repeats are within it. */
const SIGN_MS = 1_000;

/** @param kmsKeyArn A key of ours, of spec HMAC_256. */
export const kmsLinkSigner = (
  client: Pick<KMSClient, 'send'>,
  kmsKeyArn: string,
  timeoutMs: number = SIGN_MS,
): LinkSigner => ({
  async sign(text) {
    const request = new GenerateMacCommand({ KeyId: kmsKeyArn, Message: Buffer.from(text), MacAlgorithm });
    const { Mac } = await askKms('GenerateMac', { kmsKeyArn }, () =>
      client.send(request, { abortSignal: AbortSignal.timeout(timeoutMs) }),
    );
    if (!Mac) throw new KeywrightError('kms.unreachable', 'KMS answered without a MAC.', { kmsKeyArn });
    return Mac;
  },
});

/** It can sign nothing. */
export const kmsLinkVerifier = (client: Pick<KMSClient, 'send'>, kmsKeyArn: string): LinkVerifier => ({
  async isSigned(text, mac) {
    const request = { KeyId: kmsKeyArn, Message: Buffer.from(text), Mac: mac, MacAlgorithm } as const;
    return askKms('VerifyMac', { kmsKeyArn }, async () => {
      try {
        return (await client.send(new VerifyMacCommand(request))).MacValid === true;
      } catch (error) {
        // Source: KMS API reference, VerifyMac: what does not fit is an error, never `MacValid: false`.
        if (error instanceof Error && error.name === 'KMSInvalidMacException') return false;
        throw error;
      }
    });
  },
});
