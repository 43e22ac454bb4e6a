/** RevokeGrant, by who manages the key, and RetireGrant, by who has done with the grant. */
import * as z from 'zod/mini';
import { AwsError } from '../../call';
import * as field from '../fields';
import { validationError } from '../input';
import { requireState } from '../keys/key-states';
import { endDryRun } from '../keys/key-usage';
import type { KmsKey } from '../keys/kms-key';
import type { Kms } from '../kms';
import { operation, type Request } from '../operation';
import { touch } from '../trail-notes';
import { resolveKey, useKey } from '../use-key';
import type { Grant } from './grant-repository';
import { isGrantee, isRetiring } from './grant-rules';

export const revokeGrant = operation({
  readOnly: false,
  quota: 'own',
  state: 'look',
  crossAccount: true,
  logs: ['KeyId', 'GrantId', 'DryRun'],
  input: z.object({ KeyId: field.keyId, GrantId: field.grantId, DryRun: field.flag }),
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    const grant = existingGrant(kms, key, request.input.GrantId);
    endDryRun(request.input.DryRun);
    kms.grants.remove(grant.id);
    return undefined;
  },
});

/** CloudTrail shows no parameters of it; the grant's id is in the additional data. */
export const retireGrant = operation({
  readOnly: false,
  quota: 'own',
  state: 'look',
  crossAccount: true,
  logs: [],
  input: z.object({
    GrantToken: z.optional(field.grantToken),
    KeyId: z.optional(field.keyId),
    GrantId: z.optional(field.grantId),
    DryRun: field.flag,
  }),
  run(kms, request) {
    const grant = grantToRetire(kms, request);
    request.notes.additional = { grantId: grant.id };
    touch(request.notes, grant.keyArn);
    requireMayRetire(kms, request, grant);
    endDryRun(request.input.DryRun);
    kms.grants.remove(grant.id);
    return undefined;
  },
});

function existingGrant(kms: Kms, key: KmsKey, grantId: string): Grant {
  const grant = kms.grants.find(grantId);
  if (grant?.keyArn === key.arn) return grant;
  throw new AwsError('NotFoundException', `Grant ID ${grantId} not found`);
}

function grantToRetire(
  kms: Kms,
  {
    call,
    input,
  }: Request<{ GrantToken?: string | undefined; KeyId?: string | undefined; GrantId?: string | undefined }>,
): Grant {
  if (input.GrantToken !== undefined) {
    const grant = kms.grants.findByToken(input.GrantToken);
    if (grant) return grant;
    throw new AwsError('InvalidGrantTokenException', 'The grant token is invalid.');
  }
  if (input.KeyId === undefined || input.GrantId === undefined) {
    throw validationError('Specify either GrantToken, or both KeyId and GrantId.');
  }
  return existingGrant(kms, resolveKey(kms, call, input.KeyId, false), input.GrantId);
}

/** The retiring principal, the grantee when the grant says so, or whoever the key policy and IAM policies allow. */
function requireMayRetire(kms: Kms, request: Request, grant: Grant): void {
  const { caller } = request.call;
  const byGrant = isRetiring(grant, caller) || (isGrantee(grant, caller) && grant.operations.includes('RetireGrant'));
  if (!byGrant) useKey(kms, request, { keyId: grant.keyArn });
  else requireState(resolveKey(kms, request.call, grant.keyArn, false), 'look');
}
