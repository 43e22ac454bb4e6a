/** CreateGrant. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { AwsError, type Principal } from '../../call';
import * as field from '../fields';
import { validationError } from '../input';
import { endDryRun } from '../keys/key-usage';
import type { KmsKey } from '../keys/kms-key';
import type { Kms } from '../kms';
import { operation } from '../operation';
import { useKeyBy } from '../use-key';
import { grantEntry } from './grant-lists';
import type { Grant } from './grant-repository';
import { isWithin } from './grant-rules';

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
    wanted.name !== undefined &&
    JSON.stringify(grantEntry(existing, false)) === JSON.stringify(grantEntry(wanted, false))
  );
}

function beyondParent(caller: Principal, key: KmsKey): AwsError {
  const text = `User: ${caller.arn} is not authorized to perform: kms:CreateGrant on resource: ${key.arn} because the new grant allows more than the grant that permits it`;
  return new AwsError('AccessDeniedException', text);
}
