/** CreateKey. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { AwsError, type Call, type JsonObject } from '../../call';
import { requestConditions } from '../conditions';
import * as field from '../fields';
import { validationError } from '../input';
import type { Kms } from '../kms';
import { operation, type Request } from '../operation';
import { humanInstant, logged, touch } from '../trail-notes';
import { firstMaterial } from './key-material';
import { metadataOf } from './key-metadata';
import { factsOf, type KeySpec, type KeyUsage, newSecret } from './key-specs';
import { type KmsKey, keyArn } from './kms-key';
import { defaultPolicy, requirePolicy } from './policies';
import { withTags } from './tags';

/** The specs that local AWS can make. In which order AWS lists them in its refusal is unconfirmed. */
const keySpec = z.enum([
  'RSA_2048',
  'ECC_NIST_P384',
  'ECC_NIST_P256',
  'ECC_NIST_P521',
  'HMAC_384',
  'RSA_3072',
  'ECC_SECG_P256K1',
  'RSA_4096',
  'SYMMETRIC_DEFAULT',
  'HMAC_256',
  'HMAC_224',
  'HMAC_512',
  'ECC_NIST_EDWARDS25519',
]);

const createKeyInput = z.object({
  Description: z._default(field.description, ''),
  KeyUsage: z.optional(z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'])),
  KeySpec: z.optional(keySpec),
  CustomerMasterKeySpec: z.optional(keySpec),
  Origin: z._default(z.enum(['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']), 'AWS_KMS'),
  MultiRegion: z._default(z.boolean(), false),
  Policy: z.optional(field.policy),
  BypassPolicyLockoutSafetyCheck: z._default(z.boolean(), false),
  Tags: z._default(field.tags, []),
});

export const createKey = operation({
  readOnly: false,
  quota: 'own',
  logs: [
    'Description',
    'KeyUsage',
    'KeySpec',
    'CustomerMasterKeySpec',
    'Origin',
    'MultiRegion',
    'BypassPolicyLockoutSafetyCheck',
    'Tags',
    'Policy',
  ],
  input: createKeyInput,
  async run(kms, request) {
    const { input, notes, call } = request;
    const { spec, usage } = specAndUsage(input);
    notes.input = { ...input, KeySpec: spec, CustomerMasterKeySpec: spec, KeyUsage: usage };
    requireMayCreate(kms, request);
    const key = newKey(call, input, spec, usage, kms.clock.now());
    requirePolicy(kms, call.caller, key, input.BypassPolicyLockoutSafetyCheck);
    const materials = key.origin === 'EXTERNAL' ? [] : [firstMaterial(key.keyId, await newSecret(spec))];
    kms.keys.save({ ...key, materials });
    const metadata = metadataOf(kms, { ...key, materials });
    touch(notes, key.arn);
    notes.response = { keyMetadata: loggedMetadata(metadata, key) };
    return { KeyMetadata: metadata };
  },
});

/** What CloudTrail shows of a new key. */
export function loggedMetadata(metadata: JsonObject, key: KmsKey): JsonObject {
  return { ...(logged('keyMetadata', metadata) as JsonObject), creationDate: humanInstant(key.createdAtMs) };
}

function specAndUsage(input: z.output<typeof createKeyInput>): { spec: KeySpec; usage: KeyUsage } {
  if (input.KeySpec && input.CustomerMasterKeySpec) {
    throw validationError(
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    );
  }
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  const usage = input.KeyUsage ?? (spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : undefined);
  if (usage === undefined) {
    throw validationError('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  }
  if (factsOf(spec).usages.includes(usage)) return { spec, usage };
  throw validationError(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
}

function requireMayCreate(kms: Kms, { call, notes, input }: Request<z.output<typeof createKeyInput>>): void {
  const { accountId } = call.caller;
  const { KeySpec: spec, KeyUsage: usage } = notes.input;
  const conditions = {
    ...requestConditions(call, notes.input),
    'kms:KeySpec': String(spec),
    'kms:KeyUsage': String(usage),
    'kms:KeyOrigin': input.Origin,
    'kms:MultiRegion': String(input.MultiRegion),
    ...Object.fromEntries(input.Tags.map((tag) => [`aws:RequestTag/${tag.TagKey}`, tag.TagValue])),
  };
  const actions = input.Tags.length > 0 ? ['kms:CreateKey', 'kms:TagResource'] : ['kms:CreateKey'];
  for (const action of actions) {
    kms.iam.require(call.caller, { action, resource: '*', resourceAccountId: accountId, conditions });
  }
}

function newKey(
  { caller, region }: Call,
  input: z.output<typeof createKeyInput>,
  spec: KeySpec,
  usage: KeyUsage,
  createdAtMs: number,
): KmsKey {
  const { Origin: origin, MultiRegion } = input;
  if (origin !== 'AWS_KMS' && origin !== 'EXTERNAL') {
    throw new AwsError(
      'UnsupportedOperationException',
      `Local AWS has no custom key stores: Origin ${origin} cannot be used.`,
    );
  }
  const keyId = MultiRegion ? `mrk-${randomUUID().replaceAll('-', '')}` : randomUUID();
  return {
    arn: keyArn(region, caller.accountId, keyId),
    keyId,
    accountId: caller.accountId,
    region,
    createdAtMs,
    description: input.Description,
    spec,
    usage,
    origin,
    enabled: true,
    policy: input.Policy ?? defaultPolicy(caller.accountId),
    tags: withTags([], input.Tags),
    materials: [],
    onDemandRotations: 0,
    multiRegion: MultiRegion ? { primaryRegion: region } : undefined,
  };
}
