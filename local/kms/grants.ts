/** CreateGrant, ListGrants, ListRetirableGrants, RetireGrant and RevokeGrant. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { AwsError, type JsonObject, type Principal } from '../call';
import * as field from './fields';
import type { Grant } from './grant-book';
import { isGrantee, isRetiring, isWithin } from './grant-rules';
import { validationError } from './input';
import { seconds } from './key-metadata';
import { requireState } from './key-states';
import { endDryRun } from './key-usage';
import type { Kms } from './kms';
import type { KmsKey } from './kms-key';
import { operation, type Request } from './operation';
import { paged } from './paging';
import { touch } from './trail-notes';
import { resolveKey, useKey, useKeyBy } from './use-key';

const grantInput = z.object({
  KeyId: field.keyId,
  GranteePrincipal: z.optional(field.principal),
  GranteeServicePrincipal: z.optional(field.principal),
  RetiringPrincipal: z.optional(field.principal),
  RetiringServicePrincipal: z.optional(field.principal),
  Operations: z.array(field.grantOperation),
  Constraints: z.optional(
    z.object({
      EncryptionContextSubset: field.encryptionContext,
      EncryptionContextEquals: field.encryptionContext,
      SourceArn: z.optional(z.string()),
    }),
  ),
  Name: z.optional(z.string().check(z.minLength(1), z.maxLength(256), z.regex(/^[a-zA-Z0-9:/_-]+$/))),
  GrantTokens: field.grantTokens,
  DryRun: field.flag,
});
type GrantInput = z.output<typeof grantInput>;

export const createGrant = operation({
  readOnly: false,
  quota: 'own',
  state: 'createGrant',
  crossAccount: true,
  logs: [
    'KeyId',
    'GranteePrincipal',
    'GranteeServicePrincipal',
    'RetiringPrincipal',
    'RetiringServicePrincipal',
    'Operations',
    'Constraints',
    'Name',
    'DryRun',
  ],
  input: grantInput,
  run(kms, request) {
    const { input, call } = request;
    requireGrantee(input);
    const { key, grant: parent } = useKeyBy(kms, request, {
      keyId: input.KeyId,
      context: input.Constraints?.EncryptionContextEquals ?? input.Constraints?.EncryptionContextSubset,
      tokens: input.GrantTokens,
      conditions: constraintType(input),
    });
    requireConstraintsFit(key, input);
    const wanted = newGrant(kms, call.caller, key, input);
    if (parent && !isWithin(wanted, parent)) throw beyondParent(call.caller, key);
    endDryRun(input.DryRun);
    const grant = kms.grants.ofKey(key.arn).find((other) => isSameRequest(other, wanted)) ?? wanted;
    if (grant === wanted) kms.grants.save(grant);
    request.notes.response = { grantId: grant.id, keyId: key.arn };
    return { GrantId: grant.id, GrantToken: grant.token };
  },
});

export const listGrants = operation({
  readOnly: true,
  quota: 'own',
  state: 'look',
  crossAccount: true,
  logs: ['KeyId', 'GrantId', 'GranteePrincipal', 'GranteeServicePrincipal', 'Limit', 'Marker'],
  input: z.object({
    KeyId: field.keyId,
    GrantId: z.optional(field.grantId),
    GranteePrincipal: z.optional(field.principal),
    GranteeServicePrincipal: z.optional(field.principal),
    ...field.page,
  }),
  run(kms, request) {
    const { KeyId, GrantId, GranteePrincipal, GranteeServicePrincipal } = request.input;
    const key = useKey(kms, request, { keyId: KeyId });
    const grants = kms.grants
      .ofKey(key.arn)
      .filter((grant) => GrantId === undefined || grant.id === GrantId)
      .filter((grant) => GranteePrincipal === undefined || grant.granteePrincipal === GranteePrincipal)
      .filter(
        (grant) => GranteeServicePrincipal === undefined || grant.granteeServicePrincipal === GranteeServicePrincipal,
      );
    return paged(
      'Grants',
      grants.map((grant) => entryOf(grant)),
      request.input,
    );
  },
});

export const listRetirableGrants = operation({
  readOnly: true,
  quota: 'own',
  logs: ['RetiringPrincipal', 'RetiringServicePrincipal', 'Limit', 'Marker'],
  input: z.object({
    RetiringPrincipal: z.optional(field.principal),
    RetiringServicePrincipal: z.optional(field.principal),
    ...field.page,
  }),
  run(kms, { call, input }) {
    const { caller, region } = call;
    kms.iam.require(caller, {
      action: 'kms:ListRetirableGrants',
      resource: '*',
      resourceAccountId: caller.accountId,
    });
    const grants = kms.grants
      .all()
      .filter((grant) => grant.keyArn.split(':')[3] === region)
      .filter((grant) => grant.retiringPrincipal === input.RetiringPrincipal)
      .filter((grant) => grant.retiringServicePrincipal === input.RetiringServicePrincipal);
    return paged(
      'Grants',
      grants.map((grant) => entryOf(grant)),
      input,
    );
  },
});

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

function requireGrantee({ GranteePrincipal, GranteeServicePrincipal }: GrantInput): void {
  if ((GranteePrincipal === undefined) === (GranteeServicePrincipal === undefined)) {
    throw validationError('Specify either GranteePrincipal or GranteeServicePrincipal.');
  }
  const isPrincipal =
    GranteePrincipal === undefined || /^arn:aws[a-z-]*:(iam|sts)::\d{12}:|\.amazonaws\.com$/.test(GranteePrincipal);
  if (!isPrincipal) {
    throw new AwsError('InvalidArnException', `ARN does not refer to a valid principal: ${GranteePrincipal}`);
  }
}

function constraintType({ Constraints }: GrantInput): Readonly<Record<string, string>> {
  if (Constraints?.EncryptionContextEquals) return { 'kms:GrantConstraintType': 'EncryptionContextEquals' };
  if (Constraints?.EncryptionContextSubset) return { 'kms:GrantConstraintType': 'EncryptionContextSubset' };
  return {};
}

/** Encryption context exists with symmetric encryption keys only. */
function requireConstraintsFit(key: KmsKey, input: GrantInput): void {
  if (Object.keys(constraintType(input)).length === 0 || key.spec === 'SYMMETRIC_DEFAULT') return;
  throw validationError(`Encryption context constraints are not valid for key spec ${key.spec}.`);
}

function newGrant(kms: Kms, caller: Principal, key: KmsKey, input: GrantInput): Grant {
  const nowMs = kms.clock.now();
  return {
    id: randomBytes(32).toString('hex'),
    token: randomBytes(120).toString('base64url'),
    keyArn: key.arn,
    issuingAccountId: caller.accountId,
    createdAtMs: nowMs,
    effectiveAtMs: nowMs + kms.delays.grantMs,
    name: input.Name,
    granteePrincipal: input.GranteePrincipal,
    granteeServicePrincipal: input.GranteeServicePrincipal,
    retiringPrincipal: input.RetiringPrincipal,
    retiringServicePrincipal: input.RetiringServicePrincipal,
    operations: input.Operations,
    constraints: input.Constraints,
  };
}

/**
 * The same request with the same Name is the same grant. Source: CreateGrant in the SDK. AWS gives another token each
 * time, good for the same grant; here it is the same one.
 */
function isSameRequest(existing: Grant, wanted: Grant): boolean {
  return (
    wanted.name !== undefined && JSON.stringify(entryOf(existing, false)) === JSON.stringify(entryOf(wanted, false))
  );
}

function entryOf(grant: Grant, isListed = true): JsonObject {
  return {
    KeyId: grant.keyArn,
    ...(isListed ? { GrantId: grant.id, CreationDate: seconds(grant.createdAtMs) } : {}),
    // AWS lists an empty name for a grant without one.
    Name: grant.name ?? '',
    GranteePrincipal: grant.granteePrincipal,
    GranteeServicePrincipal: grant.granteeServicePrincipal,
    RetiringPrincipal: grant.retiringPrincipal,
    RetiringServicePrincipal: grant.retiringServicePrincipal,
    IssuingAccount: `arn:aws:iam::${grant.issuingAccountId}:root`,
    Operations: grant.operations,
    Constraints: grant.constraints as JsonObject | undefined,
  };
}

function beyondParent(caller: Principal, key: KmsKey): AwsError {
  const text = `User: ${caller.arn} is not authorized to perform: kms:CreateGrant on resource: ${key.arn} because the new grant allows more than the grant that permits it`;
  return new AwsError('AccessDeniedException', text);
}

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
