/**
 * The conversations that Cloud Custodian recorded with real KMS, about keys of its own. A key like the recorded one is
 * made first; then the shapes of the answers are compared, and the values that tell what kind of key and answer it is.
 */
import type { JsonObject } from 'local-aws/call';
import { describe, type KmsClient, localKms, newKey } from 'local-aws/test/support/local-kms';
import { administratorOf } from 'local-aws/test/support/local-world';
import { answer, type RecordedCase, recordedFile, recordedFiles } from './case';
import { shapeDifferences } from './compare';

const FOLDER = 'kms-recorded/custodian-placebo';

interface Recording {
  readonly [call: string]: { readonly status_code: number; readonly data: JsonObject };
}

/** A key like the recorded one, in the account and Region of the recording. */
interface Stage {
  readonly aws: KmsClient;
  readonly keyId: string;
  readonly recording: Recording;
}

/** How each operation is asked; what it needs to have happened before comes first. */
const REQUESTS: Readonly<Record<string, (stage: Stage, recorded: JsonObject) => Promise<JsonObject>>> = {
  CreateKey: ({ aws }) => answer(aws, 'CreateKey', { Description: 'another key' }),
  DescribeKey: ({ aws, keyId }) => answer(aws, 'DescribeKey', { KeyId: keyId }),
  DisableKey: ({ aws, keyId }) => answer(aws, 'DisableKey', { KeyId: keyId }),
  ScheduleKeyDeletion: ({ aws, keyId }) => answer(aws, 'ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: 7 }),
  ListKeys: ({ aws }) => answer(aws, 'ListKeys'),
  ListResourceTags: ({ aws, keyId }) => answer(aws, 'ListResourceTags', { KeyId: keyId }),
  PutKeyPolicy: ({ aws, keyId, recording }) =>
    answer(aws, 'PutKeyPolicy', { KeyId: keyId, Policy: policyOf(recording) }),
  async ListAliases({ aws, keyId }, recorded) {
    for (const { AliasName } of ownAliases(recorded)) {
      await aws.call('CreateAlias', { AliasName, TargetKeyId: keyId });
    }
    return answer(aws, 'ListAliases');
  },
  async GetKeyPolicy({ aws, keyId }, recorded) {
    await aws.call('PutKeyPolicy', { KeyId: keyId, Policy: recorded['Policy'] });
    return answer(aws, 'GetKeyPolicy', { KeyId: keyId, PolicyName: 'default' });
  },
  async GetKeyRotationStatus({ aws, keyId }, recorded) {
    if (recorded['KeyRotationEnabled']) await aws.call('EnableKeyRotation', { KeyId: keyId });
    return answer(aws, 'GetKeyRotationStatus', { KeyId: keyId });
  },
};

const OUT_OF_SCOPE: Readonly<Record<string, string>> = {
  'test_kms_last_rotation ListKeyRotations_1': 'written by hand: a material id in upper case and a NextToken',
  'test_kms_last_rotation_none ListKeyRotations_1': 'written by hand: a NextToken, which the API does not have',
  'test_kms_last_usage_error GetKeyLastUsage_1': 'written by hand: "Access Denied" is not the text of AWS',
};

export function custodianCases(): readonly RecordedCase[] {
  return recordedFiles(FOLDER).flatMap((file) => {
    const recording = recordedFile(`${FOLDER}/${file}`) as unknown as Recording;
    return Object.keys(recording)
      .filter((call) => call.startsWith('kms.'))
      .map((call) => caseOf(file.replace('.json', ''), call.replace('kms.', ''), recording));
  });
}

function caseOf(conversation: string, call: string, recording: Recording): RecordedCase {
  const name = `${conversation} ${call}`;
  const recorded = recording[`kms.${call}`]?.data ?? {};
  const operation = call.replace(/_\d+$/, '');
  return {
    name: `custodian ${name}`,
    outOfScope: OUT_OF_SCOPE[name] ?? aboutManagedKeys(operation, recorded),
    async check() {
      const request = REQUESTS[operation];
      if (!request) return ['no request is written for this operation'];
      const ours = await request(await stageOf(recording, recorded), recorded);
      const { ResponseMetadata: _, ...members } = recorded;
      return shapeDifferences(members, ours);
    },
  };
}

function aboutManagedKeys(operation: string, recorded: JsonObject): string | undefined {
  const isManaged = (recorded['KeyMetadata'] as JsonObject | undefined)?.['KeyManager'] === 'AWS';
  const aliases = (recorded['Aliases'] ?? []) as readonly JsonObject[];
  const onlyManaged = operation === 'ListAliases' && aliases.length > 0 && ownAliases(recorded).length === 0;
  return isManaged || onlyManaged ? 'about an AWS managed key, which no service here makes' : undefined;
}

function ownAliases(recorded: JsonObject): readonly JsonObject[] {
  const aliases = (recorded['Aliases'] ?? []) as readonly JsonObject[];
  return aliases.filter((alias) => !String(alias['AliasName']).startsWith('alias/aws/'));
}

function policyOf(recording: Recording): JsonObject[string] {
  return recording['kms.GetKeyPolicy_1']?.data['Policy'];
}

/** The key that an answer describes, or else the one that the conversation is about. */
async function stageOf(recording: Recording, recorded: JsonObject): Promise<Stage> {
  const metadata = metadataOf(recorded) ?? metadataOf(recording['kms.DescribeKey_1']?.data) ?? {};
  const [, , , region = 'us-east-1', accountId = '644160558196'] = String(metadata['Arn'] ?? '').split(':');
  const aws = localKms().as(administratorOf(accountId), region);
  const { keyId } = await newKey(aws, {
    Description: metadata['Description'],
    Origin: metadata['Origin'],
    KeySpec: metadata['CustomerMasterKeySpec'],
    KeyUsage: metadata['KeyUsage'],
  });
  if (metadata['KeyState'] === 'Disabled') await aws.call('DisableKey', { KeyId: keyId });
  await describe(aws, keyId);
  return { aws, keyId, recording };
}

function metadataOf(recorded: JsonObject | undefined): JsonObject | undefined {
  return recorded?.['KeyMetadata'] as JsonObject | undefined;
}
