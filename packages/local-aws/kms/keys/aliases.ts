/**
 * CreateAlias, UpdateAlias, DeleteAlias and ListAliases. A caller needs the permission on the alias (by IAM policy) and
 * on each key concerned (by key policy). Source: KMS developer guide, "Controlling access to aliases".
 */
import * as z from 'zod/mini';
import { AwsError, type Call } from '../../call';
import * as field from '../fields';
import { validationError } from '../input';
import type { Kms } from '../kms';
import { operation, type Request } from '../operation';
import { paged } from '../paging';
import { touch } from '../trail-notes';
import { resolveKey, useKey } from '../use-key';
import { type Alias, aliasArn } from './alias-repository';
import { seconds } from './key-metadata';
import type { KmsKey } from './kms-key';

/** Source: KMS resource quotas, "Aliases per KMS key". */
const ALIASES_PER_KEY_MAX = 50;

const facts = { readOnly: false, quota: 'own' } as const;
const named = { AliasName: field.aliasName };
const targeted = z.object({ ...named, TargetKeyId: field.keyId });

export const createAlias = operation({
  ...facts,
  state: 'label',
  logs: ['AliasName', 'TargetKeyId'],
  input: targeted,
  run(kms, request) {
    const { AliasName: name, TargetKeyId } = request.input;
    const { arn } = ownAlias(kms, request.call, name);
    const key = targetKey(kms, request, TargetKeyId);
    touch(request.notes, arn);
    if (kms.aliases.find(arn)) {
      throw new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
    }
    requireRoomForAlias(kms, key);
    const nowMs = kms.clock.now();
    kms.aliases.save({ arn, name, targetArn: key.arn, createdAtMs: nowMs, updatedAtMs: nowMs });
    request.notes.response = { keyId: key.arn };
    return undefined;
  },
});

export const updateAlias = operation({
  ...facts,
  logs: ['AliasName', 'TargetKeyId'],
  input: targeted,
  run(kms, request) {
    const { AliasName, TargetKeyId } = request.input;
    const alias = existingAlias(kms, request.call, AliasName);
    // CloudTrail names the alias and its new key, not the old one.
    const before = useKey(kms, { ...request, notes: { ...request.notes } }, { keyId: alias.targetArn });
    touch(request.notes, alias.arn);
    const key = targetKey(kms, request, TargetKeyId, 'label');
    if (key.usage !== before.usage || isSymmetric(key) !== isSymmetric(before)) {
      throw validationError('The current and the new KMS key of an alias must be of the same type and key usage.');
    }
    if (key.arn !== before.arn) requireRoomForAlias(kms, key);
    kms.aliases.save({ ...alias, targetArn: key.arn, updatedAtMs: kms.clock.now() });
    request.notes.response = { keyId: key.arn };
    return undefined;
  },
});

export const deleteAlias = operation({
  ...facts,
  state: 'look',
  logs: ['AliasName'],
  input: z.object(named),
  run(kms, request) {
    const alias = existingAlias(kms, request.call, request.input.AliasName);
    touch(request.notes, alias.arn);
    const key = useKey(kms, request, { keyId: alias.targetArn });
    kms.aliases.remove(alias.arn);
    request.notes.response = { keyId: key.arn };
    return undefined;
  },
});

export const listAliases = operation({
  readOnly: true,
  quota: 'own',
  logs: ['KeyId', 'Limit', 'Marker'],
  input: z.object({ KeyId: z.optional(field.keyId), ...field.page }),
  run(kms, { call, input }) {
    const { accountId } = call.caller;
    kms.iam.require(call.caller, { action: 'kms:ListAliases', resource: '*', resourceAccountId: accountId });
    const keyArn = input.KeyId === undefined ? undefined : resolveKey(kms, call, input.KeyId, false).arn;
    const aliases = kms.aliases.of(accountId, call.region);
    const chosen = keyArn === undefined ? aliases : aliases.filter((alias) => alias.targetArn === keyArn);
    return paged('Aliases', chosen.map(entryOf), input);
  },
});

function entryOf(alias: Alias) {
  return {
    AliasName: alias.name,
    AliasArn: alias.arn,
    TargetKeyId: alias.targetArn.slice(alias.targetArn.indexOf(':key/') + ':key/'.length),
    CreationDate: seconds(alias.createdAtMs),
    LastUpdatedDate: seconds(alias.updatedAtMs),
  };
}

/** An alias name of the caller's own account, which the caller may change. */
function ownAlias(kms: Kms, { caller, region, operation: name }: Call, alias: string): { arn: string } {
  if (!alias.startsWith('alias/')) {
    throw validationError(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  // Unconfirmed which code AWS gives; the prefix is reserved for AWS managed keys.
  if (alias.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', '');
  const arn = aliasArn(region, caller.accountId, alias);
  kms.iam.require(caller, { action: `kms:${name}`, resource: arn, resourceAccountId: caller.accountId });
  return { arn };
}

function existingAlias(kms: Kms, call: Call, name: string): Alias {
  const { arn } = ownAlias(kms, call, name);
  const alias = kms.aliases.find(arn);
  if (!alias) throw new AwsError('NotFoundException', `Alias ${arn} is not found.`);
  return alias;
}

function targetKey(kms: Kms, request: Request, keyId: string, state?: 'label'): KmsKey {
  if (/^(arn:[^/]*:)?alias\//.test(keyId)) throw validationError('Aliases must refer to keys. Not aliases');
  return useKey(kms, request, { keyId, state });
}

function requireRoomForAlias(kms: Kms, key: KmsKey): void {
  if (kms.aliases.ofKey(key.arn).length < ALIASES_PER_KEY_MAX) return;
  throw new AwsError('LimitExceededException', `A KMS key can have at most ${ALIASES_PER_KEY_MAX} aliases.`);
}

const isSymmetric = (key: KmsKey) => key.spec === 'SYMMETRIC_DEFAULT' || key.spec.startsWith('HMAC');
