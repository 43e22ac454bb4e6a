/** A customer's own account, as the bench has it: the key, the role that may use it, and what forwards its events. */
import { constants, publicEncrypt, randomBytes } from 'node:crypto';
import { EventBridgeClient, PutPermissionCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateKeyCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import type { LocalAws } from 'local-aws/aws';
import type { KeyAccess } from '../../shared/domain/keys/kms-key';

export const PROVIDER_ACCOUNT = '111122223333';
const EXTERNAL_ID = 'kw-bench';

export interface CustomerSide {
  readonly customerId: string;
  readonly accountId: string;
  readonly kms: KMSClient;
  readonly kmsKeyArn: string;
  readonly access: KeyAccess;
  readonly useRoleArn: string;
  /** The key's policy as we need it. */
  readonly keyPolicy: KeyPolicy;
  readonly material: Uint8Array;
}

export interface KeyPolicy {
  readonly Version: string;
  readonly Statement: readonly { readonly Sid: string; readonly Action: unknown; readonly [name: string]: unknown }[];
}

export interface Wish {
  readonly customerId: string;
  readonly accountId: string;
  readonly busArn: string;
  /** Of whom the key lets use it: us, or a role of theirs that we assume. */
  readonly via: KeyAccess['via'];
  readonly origin: 'AWS_KMS' | 'EXTERNAL';
  /** How often each event is forwarded: so many rules do the same. */
  readonly copies: number;
}

/** Deploys the customer's side, makes the key, and admits the account to our bus. */
export async function customerSide(aws: LocalAws, wish: Wish): Promise<CustomerSide> {
  const { customerId, accountId, via } = wish;
  await aws.deploy(templateOf(wish), { accountId, stackName: 'keywright' });
  await new EventBridgeClient().send(
    new PutPermissionCommand({
      EventBusName: wish.busArn.split('/').at(-1),
      StatementId: customerId,
      Action: 'events:PutEvents',
      Principal: accountId,
    }),
  );
  const kms = new KMSClient({ credentials: aws.credentials(accountId) });
  const useRoleArn = `arn:aws:iam::${accountId}:role/keywright-use`;
  const keyPolicy = keyPolicyOf({
    accountId,
    customerId,
    user: via === 'role' ? useRoleArn : rootOf(PROVIDER_ACCOUNT),
  });
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ Origin: wish.origin, Policy: JSON.stringify(keyPolicy) }),
  );
  const kmsKeyArn = KeyMetadata?.Arn ?? '';
  const material = randomBytes(32);
  const access: KeyAccess = via === 'role' ? { via, roleArn: useRoleArn, externalId: EXTERNAL_ID } : { via };
  const side = { customerId, accountId, kms, kmsKeyArn, access, useRoleArn, keyPolicy, material };
  if (wish.origin === 'EXTERNAL') await importMaterial(side);
  return side;
}

export async function importMaterial({ kms, kmsKeyArn: KeyId, material }: CustomerSide): Promise<void> {
  const { PublicKey = new Uint8Array(), ImportToken } = await kms.send(
    new GetParametersForImportCommand({ KeyId, WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' }),
  );
  const key = { key: Buffer.from(PublicKey), format: 'der', type: 'spki' } as const;
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  await kms.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken,
      EncryptedKeyMaterial: publicEncrypt({ ...key, ...padding }, material),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }),
  );
}

const rootOf = (accountId: string) => `arn:aws:iam::${accountId}:root`;

interface Parties {
  readonly accountId: string;
  readonly customerId: string;
  readonly user: string;
}

function keyPolicyOf({ accountId, customerId, user }: Parties): KeyPolicy {
  const allow = (Sid: string, principal: string, Action: unknown, rest: object = {}) => ({
    Sid,
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action,
    Resource: '*',
    ...rest,
  });
  const Condition = { StringEquals: { 'kms:EncryptionContext:keywright:customerId': customerId } };
  const use = ['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:Decrypt', 'kms:ReEncrypt*'];
  return {
    Version: '2012-10-17',
    Statement: [
      allow('WeDecide', rootOf(accountId), 'kms:*'),
      allow('ProviderUses', user, use, { Condition }),
      allow('ProviderSeesState', user, ['kms:DescribeKey', 'kms:GetKeyRotationStatus']),
    ],
  };
}

function templateOf({ accountId, busArn, copies }: Wish) {
  const document = (statement: object) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', ...statement }],
  });
  const role = (RoleName: string, trust: object, policy: object) => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName,
      AssumeRolePolicyDocument: document({ Action: 'sts:AssumeRole', ...trust }),
      Policies: [{ PolicyName: 'may', PolicyDocument: document(policy) }],
    },
  });
  const forward = {
    Type: 'AWS::Events::Rule',
    Properties: {
      State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      EventPattern: { source: ['aws.kms'] },
      Targets: [{ Id: 'provider', Arn: busArn, RoleArn: { 'Fn::GetAtt': ['Forwarder', 'Arn'] } }],
    },
  };
  return {
    Resources: {
      Use: role(
        'keywright-use',
        {
          Principal: { AWS: rootOf(PROVIDER_ACCOUNT) },
          Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
        },
        {
          Action: [
            'kms:GenerateDataKey*',
            'kms:Decrypt',
            'kms:ReEncrypt*',
            'kms:DescribeKey',
            'kms:GetKeyRotationStatus',
          ],
          Resource: `arn:aws:kms:*:${accountId}:key/*`,
        },
      ),
      Observer: role(
        'keywright-observer',
        {
          Principal: { AWS: rootOf(PROVIDER_ACCOUNT) },
          Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
        },
        {
          Action: [
            'kms:DescribeKey',
            'kms:GetKeyPolicy',
            'kms:GetKeyRotationStatus',
            'kms:ListGrants',
            'kms:ListKeyRotations',
          ],
          Resource: `arn:aws:kms:*:${accountId}:key/*`,
        },
      ),
      Forwarder: role(
        'keywright-forwarder',
        { Principal: { Service: 'events.amazonaws.com' } },
        { Action: 'events:PutEvents', Resource: busArn },
      ),
      ...Object.fromEntries(Array.from({ length: copies }, (_, at) => [`Forward${at}`, forward])),
    },
  };
}

/** The role through which we may look. */
export const observerOf = ({ accountId }: CustomerSide) => ({
  roleArn: `arn:aws:iam::${accountId}:role/keywright-observer`,
  externalId: EXTERNAL_ID,
});
