/** A customer's own account, as the bench has it: the onboarding kit, its key as the bench wants it, and a role that may use it. */
import { randomBytes } from 'node:crypto';
import { EventBridgeClient, PutPermissionCommand } from '@aws-sdk/client-eventbridge';
import { GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { LocalAws } from 'local-aws/aws';
import { customerAccountTemplate } from '../../cli/start/customer-account';
import { PROVIDER_ACCOUNT } from '../../cli/start/customers';
import { putMaterial } from '../../cli/start/imported-key';
import type { KeyAccess, KmsKey } from '../../shared/domain/keys/kms-key';

const EXTERNAL_ID = 'kw-bench';
const USE_ROLE = 'keywright-use';

export interface CustomerSide extends Required<Pick<KmsKey, 'kmsKeyArn' | 'access' | 'observer'>> {
  readonly customerId: string;
  readonly accountId: string;
  readonly kms: KMSClient;
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

/** Deploys the customer's side, and admits the account to our bus. */
export async function customerSide(aws: LocalAws, wish: Wish): Promise<CustomerSide> {
  const { customerId, accountId, via } = wish;
  const { outputs } = await aws.deploy(templateOf(wish), { accountId, stackName: 'keywright' });
  await new EventBridgeClient().send(
    new PutPermissionCommand({
      EventBusName: wish.busArn.split('/').at(-1),
      StatementId: customerId,
      Action: 'events:PutEvents',
      Principal: accountId,
    }),
  );
  const kms = new KMSClient({ credentials: aws.credentials(accountId) });
  const { KeyArn: kmsKeyArn = '', ObserverRoleArn = '', UseRoleArn: useRoleArn = '' } = outputs;
  const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId: kmsKeyArn, PolicyName: 'default' }));
  const material = randomBytes(32);
  const side = {
    customerId,
    accountId,
    kms,
    kmsKeyArn,
    access: via === 'role' ? { via, roleArn: useRoleArn, externalId: EXTERNAL_ID } : { via },
    observer: { roleArn: ObserverRoleArn, externalId: EXTERNAL_ID },
    useRoleArn,
    keyPolicy: JSON.parse(Policy),
    material,
  };
  if (wish.origin === 'EXTERNAL') await importMaterial(side);
  return side;
}

export const importMaterial = ({ kms, kmsKeyArn, material }: Pick<CustomerSide, 'kms' | 'kmsKeyArn' | 'material'>) =>
  putMaterial(kmsKeyArn, material, kms);

/** Without the kit's heartbeat: nobody here waits for one. */
function templateOf({ customerId, accountId, busArn, via, origin, copies }: Wish) {
  const { Resources, Outputs, ...kit } = customerAccountTemplate({
    customerId,
    accountId,
    alias: 'alias/bench',
    providerAccountId: PROVIDER_ACCOUNT,
    externalId: EXTERNAL_ID,
    customerBusArn: busArn,
    ...(via === 'role' && { useRoleName: USE_ROLE }),
  });
  const { Key, Alias, Observer, Forwarder, ForwardKeyEvents } = Resources;
  const { KeyPolicy, ...properties } = Key.Properties;
  const user = via === 'role' && { Principal: { AWS: { 'Fn::GetAtt': ['Use', 'Arn'] } } };
  const Statement = KeyPolicy.Statement.map((statement) =>
    statement.Sid === 'WeDecide' ? statement : { ...statement, ...user },
  );
  return {
    ...kit,
    Resources: {
      Key: { ...Key, Properties: { ...properties, Origin: origin, KeyPolicy: { ...KeyPolicy, Statement } } },
      Alias,
      Observer,
      Forwarder,
      Use: useRole(accountId, Observer.Properties.AssumeRolePolicyDocument),
      ...Object.fromEntries(Array.from({ length: copies }, (_, at) => [`Forward${at}`, ForwardKeyEvents])),
    },
    Outputs: { ...Outputs, UseRoleArn: { Value: { 'Fn::GetAtt': ['Use', 'Arn'] } } },
  };
}

/** Of their keys all that we need, whichever are made. */
const useRole = (accountId: string, trust: object) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: USE_ROLE,
    AssumeRolePolicyDocument: trust,
    Policies: [
      {
        PolicyName: 'use',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: [
                'kms:GenerateDataKey*',
                'kms:Decrypt',
                'kms:ReEncrypt*',
                'kms:DescribeKey',
                'kms:GetKeyRotationStatus',
              ],
              Resource: `arn:aws:kms:*:${accountId}:key/*`,
            },
          ],
        },
      },
    ],
  },
});
