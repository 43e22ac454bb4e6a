/** ReplicateKey: the same key material under the same key id in another Region, with a policy of its own. */
import * as z from 'zod/mini';
import { AwsError } from '../../call';
import * as field from '../fields';
import type { Kms } from '../kms';
import { operation } from '../operation';
import { useKey } from '../use-key';
import { loggedMetadata } from './create-key';
import { metadataOf } from './key-metadata';
import { isPrimary, type KmsKey, keyArn } from './kms-key';
import { defaultPolicy, requirePolicy } from './policies';
import { withTags } from './tags';

export const replicateKey = operation({
  readOnly: false,
  quota: 'own',
  state: 'replicate',
  logs: ['KeyId', 'ReplicaRegion', 'Description', 'BypassPolicyLockoutSafetyCheck', 'Tags', 'Policy'],
  input: z.object({
    KeyId: field.keyId,
    ReplicaRegion: field.region,
    Description: z._default(field.description, ''),
    Policy: z.optional(field.policy),
    BypassPolicyLockoutSafetyCheck: z._default(z.boolean(), false),
    Tags: z._default(field.tags, []),
  }),
  run(kms, request) {
    const { input, notes, call } = request;
    const primary = useKey(kms, request, { keyId: input.KeyId });
    requireReplicable(kms, primary, input.ReplicaRegion);
    const replica: KmsKey = {
      ...primary,
      arn: keyArn(input.ReplicaRegion, primary.accountId, primary.keyId),
      region: input.ReplicaRegion,
      createdAtMs: kms.clock.now(),
      description: input.Description,
      enabled: true,
      policy: input.Policy ?? defaultPolicy(primary.accountId),
      tags: withTags([], input.Tags),
      rotation: undefined,
      onDemandRotation: undefined,
      creatingUntilMs: kms.clock.now() + kms.delays.replicationMs,
    };
    requirePolicy(kms, call.caller, replica, input.BypassPolicyLockoutSafetyCheck);
    kms.keys.save(replica);
    const metadata = metadataOf(kms, replica);
    notes.response = { replicaKeyMetadata: loggedMetadata(metadata, replica), replicaPolicy: replica.policy };
    return {
      ReplicaKeyMetadata: metadata,
      ReplicaPolicy: replica.policy,
      ...(input.Tags.length > 0 ? { ReplicaTags: input.Tags } : {}),
    };
  },
});

/** A replica that has been created can be used. */
export function finishCreation(kms: Kms, key: KmsKey): void {
  kms.keys.save({ ...key, creatingUntilMs: undefined });
}

/** Which codes AWS gives for a key that is no multi-Region primary key is unconfirmed. */
function requireReplicable(kms: Kms, key: KmsKey, region: string): void {
  if (!key.multiRegion || !isPrimary(key)) {
    throw new AwsError('UnsupportedOperationException', `${key.arn} is not a multi-Region primary key.`);
  }
  if (kms.keys.findInRegion(region, key.keyId)) {
    const text = `The key ${keyArn(region, key.accountId, key.keyId)} already exists.`;
    throw new AwsError('AlreadyExistsException', text);
  }
}
