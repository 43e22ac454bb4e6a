/** GenerateMac and VerifyMac: HMAC keys. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';
import { AwsError } from '../../call';
import * as field from '../fields';
import { endDryRun, requireAlgorithm, requireUsage, usableMaterial } from '../keys/key-usage';
import type { KmsKey } from '../keys/kms-key';
import type { Kms } from '../kms';
import { operation, type Request } from '../operation';
import { CRYPTOGRAPHIC_USE } from '../operation-facts';
import { useKey } from '../use-key';

const facts = {
  ...CRYPTOGRAPHIC_USE,
  logs: ['KeyId', 'MacAlgorithm', 'DryRun'],
} as const;

const common = {
  KeyId: field.keyId,
  Message: field.blob(1, 4096),
  MacAlgorithm: field.macAlgorithm,
  GrantTokens: field.grantTokens,
  DryRun: field.flag,
};
const commonInput = z.object(common);

export const generateMac = operation({
  ...facts,
  input: commonInput,
  run(kms, request) {
    const { MacAlgorithm, DryRun } = request.input;
    const { key, mac } = compute(kms, request);
    endDryRun(DryRun);
    return { KeyId: key.arn, Mac: mac.toString('base64'), MacAlgorithm };
  },
});

export const verifyMac = operation({
  ...facts,
  input: z.object({ ...common, Mac: field.blob(1, 6144) }),
  run(kms, request) {
    const { Mac, MacAlgorithm, DryRun } = request.input;
    const { key, mac } = compute(kms, request);
    endDryRun(DryRun);
    const isValid = mac.length === Mac.length && timingSafeEqual(mac, Mac);
    if (!isValid) throw new AwsError('KMSInvalidMacException', '');
    return { KeyId: key.arn, MacValid: true, MacAlgorithm };
  },
});

function compute(kms: Kms, request: Request<z.output<typeof commonInput>>): { key: KmsKey; mac: Buffer } {
  const { KeyId, GrantTokens, MacAlgorithm, Message } = request.input;
  const key = useKey(kms, request, { keyId: KeyId, tokens: GrantTokens });
  requireUsage(key, 'GENERATE_VERIFY_MAC', request.call.operation);
  requireAlgorithm(key, MacAlgorithm);
  const secret = Buffer.from(usableMaterial(key).secret ?? '', 'base64');
  return {
    key,
    mac: createHmac(`sha${MacAlgorithm.slice(-3)}`, secret)
      .update(Message)
      .digest(),
  };
}
