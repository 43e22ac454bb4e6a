import { isDeepStrictEqual } from 'node:util';
import { AwsError, type JsonObject } from '../../call';
import { type Context, type Kind, picked } from '../kind';

const key: Kind = {
  async make(properties, context) {
    const KeyId = (await isThere(context)) ? String(context.existing?.physicalId) : await create(properties, context);
    if (properties['KeyPolicy']) await putPolicy(context, KeyId, properties['KeyPolicy'] as JsonObject);
    if (properties['EnableKeyRotation'] === true)
      await context.call('kms', 'EnableKeyRotation', {
        KeyId,
        ...picked(properties, ['RotationPeriodInDays']),
      });
    if (properties['Enabled'] === false) await context.call('kms', 'DisableKey', { KeyId });
    const Arn = `arn:aws:kms:${context.region}:${context.accountId}:key/${KeyId}`;
    return { physicalId: KeyId, attributes: { Arn, KeyId } };
  },
};

const alias: Kind = {
  async make(properties, context) {
    const AliasName = String(properties['AliasName']);
    const TargetKeyId = String(properties['TargetKeyId']);
    const input = { AliasName, TargetKeyId };
    const made = { physicalId: AliasName, attributes: { AliasName, TargetKeyId } };
    // As CloudFormation, which leaves alone what a template says as before: the key may be on its way out by now.
    if (isDeepStrictEqual(context.existing?.attributes, made.attributes)) return made;
    try {
      await context.call('kms', 'CreateAlias', input);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'AlreadyExistsException') throw error;
      await context.call('kms', 'UpdateAlias', input);
    }
    return made;
  },
};

export const KMS_KINDS: Readonly<Record<string, Kind>> = { 'AWS::KMS::Key': key, 'AWS::KMS::Alias': alias };

/** A key made earlier is kept, whatever was written into it since: data may lie under it. */
async function isThere(context: Context): Promise<boolean> {
  if (context.existing === undefined) return false;
  try {
    await context.call('kms', 'DescribeKey', { KeyId: context.existing.physicalId });
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NotFoundException') return false;
    throw error;
  }
}

async function create(properties: JsonObject, context: Context): Promise<string> {
  const taken = ['Description', 'KeySpec', 'KeyUsage', 'MultiRegion', 'Origin', 'BypassPolicyLockoutSafetyCheck'];
  const tags = ((properties['Tags'] ?? []) as readonly JsonObject[]).map(({ Key, Value }) => ({
    TagKey: Key,
    TagValue: Value,
  }));
  const { KeyMetadata } = await context.call('kms', 'CreateKey', {
    ...picked(properties, taken),
    ...(properties['KeyPolicy'] && { Policy: JSON.stringify(properties['KeyPolicy']) }),
    ...(tags.length > 0 && { Tags: tags }),
  });
  return String((KeyMetadata as JsonObject)['KeyId']);
}

/**
 * As CloudFormation, which leaves alone what a template says as before, whatever became of it since. Only a policy that
 * differs is put: each put is a change of the key that CloudTrail tells its customer of.
 */
async function putPolicy(context: Context, KeyId: string, policy: JsonObject): Promise<void> {
  const note = `policy of key ${KeyId}`;
  if (isDeepStrictEqual(context.notes.get(note), policy)) return;
  const Policy = JSON.stringify(policy);
  const present = await context.call('kms', 'GetKeyPolicy', { KeyId, PolicyName: 'default' });
  if (JSON.stringify(JSON.parse(String(present['Policy']))) !== Policy)
    await context.call('kms', 'PutKeyPolicy', { KeyId, PolicyName: 'default', Policy });
  context.notes.set(note, policy);
}
