/** From the `KeyId` of a call to the key it names: found, its use allowed, its state checked. */
import { AwsError, type Call } from '../call';
import type { Permission } from '../contracts';
import { type Conditions, contextConditions, keyConditions, requestConditions } from './conditions';
import { authorise, foreignCallDenied } from './grants/authorise';
import type { Grant } from './grants/grant-repository';
import { aliasArn } from './keys/alias-repository';
import { requireState, type StateRow } from './keys/key-states';
import { type KmsKey, keyArn } from './keys/kms-key';
import type { Kms } from './kms';
import type { Request } from './operation';
import { touch } from './trail-notes';

export interface KeyUse {
  /** As the caller named it: key id, key ARN, alias name or alias ARN. */
  readonly keyId: string;
  /** The IAM action without `kms:`; the operation's own name when left out. */
  readonly action?: string;
  /** The row of the key-state table; the operation's own when left out. */
  readonly state?: StateRow | undefined;
  readonly context?: Readonly<Record<string, string>> | undefined;
  readonly tokens?: readonly string[];
  readonly conditions?: Conditions;
  readonly keyIsFromCiphertext?: boolean;
}

/** @throws AwsError NotFoundException, AccessDeniedException, or what the key's state forbids. */
export function useKey(kms: Kms, request: Request, use: KeyUse): KmsKey {
  return useKeyBy(kms, request, use).key;
}

/** As `useKey`, and tells by which grant the use is allowed, if it is by one. */
export function useKeyBy(kms: Kms, request: Request, use: KeyUse): { key: KmsKey; grant: Grant | undefined } {
  const key = resolveKey(kms, request.call, use.keyId, request.operation.alias ?? false);
  touch(request.notes, key.arn);
  const grant = checkAccess(kms, request, key, use);
  const row = use.state ?? request.operation.state;
  if (row) requireState(key, row);
  return { key, grant };
}

function checkAccess(kms: Kms, { call, operation, notes }: Request, key: KmsKey, use: KeyUse): Grant | undefined {
  const name = use.action ?? call.operation;
  const permission = permissionOf(name, key, () => ({
    ...requestConditions(call, notes.input),
    ...keyConditions(
      key,
      kms.aliases.ofKey(key.arn).map((alias) => alias.name),
    ),
    ...contextConditions(use.context),
    ...requestAlias(use.keyId),
    ...use.conditions,
  }));
  const { caller } = call;
  if (caller.accountId !== key.accountId && !operation.crossAccount) throw foreignCallDenied(caller, { permission });
  return authorise(kms.iam, caller, {
    key,
    permission,
    // A grant that allows RetireGrant allows its grantee to retire that grant, no other.
    grants: name === 'RetireGrant' ? [] : kms.grants.ofKey(key.arn),
    use: { operation: name, context: use.context, tokens: use.tokens ?? [], nowMs: kms.clock.now() },
    keyIsFromCiphertext: use.keyIsFromCiphertext,
  });
}

/** Most policies have no conditions: the request's are put together only when one is looked at. */
function permissionOf(name: string, key: KmsKey, conditions: () => Conditions): Permission {
  let built: Conditions | undefined;
  return {
    action: `kms:${name}`,
    resource: key.arn,
    resourceAccountId: key.accountId,
    get conditions() {
      built ??= conditions();
      return built;
    },
  };
}

function requestAlias(keyId: string): Conditions {
  const name = keyId.startsWith('alias/') ? keyId : /^arn:[^/]*:(alias\/.+)$/.exec(keyId)?.[1];
  return name === undefined ? {} : { 'kms:RequestAlias': name };
}

const KEY_ID = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;
const KMS_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):((key|alias)\/.+)$/;

/** The key that a `KeyId` names, whoever asks. @throws AwsError NotFoundException, InvalidArnException. */
export function resolveKey(kms: Kms, call: Call, keyId: string, aliasIsAllowed: boolean): KmsKey {
  if (keyId.startsWith('arn:')) return resolveArn(kms, call, keyId, aliasIsAllowed);
  if (keyId.startsWith('alias/') && aliasIsAllowed) {
    return keyOfAlias(kms, aliasArn(call.region, call.caller.accountId, keyId));
  }
  if (!KEY_ID.test(keyId)) throw new AwsError('NotFoundException', `Invalid keyId '${keyId}'`);
  return existingKey(kms, keyArn(call.region, call.caller.accountId, keyId));
}

function resolveArn(kms: Kms, call: Call, arn: string, aliasIsAllowed: boolean): KmsKey {
  const [, region, , , type] = KMS_ARN.exec(arn) ?? [];
  if (region === undefined) throw new AwsError('InvalidArnException', `Invalid arn ${arn}`);
  if (region !== call.region) throw new AwsError('NotFoundException', `Invalid arn ${region}`);
  if (type === 'key') return existingKey(kms, arn);
  if (!aliasIsAllowed) throw new AwsError('NotFoundException', `Invalid keyId '${arn}'`);
  return keyOfAlias(kms, arn);
}

function keyOfAlias(kms: Kms, arn: string): KmsKey {
  const alias = kms.aliases.find(arn);
  if (!alias) throw new AwsError('NotFoundException', `Alias ${arn} is not found.`);
  return existingKey(kms, alias.targetArn);
}

function existingKey(kms: Kms, arn: string): KmsKey {
  const key = kms.keys.find(arn);
  if (!key) throw new AwsError('NotFoundException', `Key '${arn}' does not exist`);
  return key;
}
