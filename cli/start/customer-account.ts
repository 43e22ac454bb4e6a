/**
 * What a customer who holds their own key sets up in their account: the key with a policy that lets us use it under
 * their context and nothing else, a role through which we may look at it, and a rule that tells us what happens to it.
 */

interface Kit {
  readonly customerId: string;
  readonly accountId: string;
  readonly alias: string;
  readonly providerAccountId: string;
  /** Made by us, one for each customer. Not a secret: it keeps others from having us use their role. */
  readonly externalId: string;
  readonly customerBusArn: string;
}

/** Names that begin so are the only roles of customers that our functions may assume. */
export const OBSERVER_ROLE = 'keywright-observer';

export function customerAccountTemplate(kit: Kit) {
  const provider = { AWS: `arn:aws:iam::${kit.providerAccountId}:root` };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Lets the provider protect our data under our own key, and tells it what happens to the key.',
    Resources: {
      Key: {
        Type: 'AWS::KMS::Key',
        DeletionPolicy: 'Retain',
        Properties: {
          Description: 'Protects our data at the provider',
          KeyPolicy: {
            Version: '2012-10-17',
            Statement: [
              {
                Sid: 'WeDecide',
                Effect: 'Allow',
                Principal: { AWS: `arn:aws:iam::${kit.accountId}:root` },
                Action: 'kms:*',
                Resource: '*',
              },
              {
                Sid: 'ProviderUsesUnderOurContext',
                Effect: 'Allow',
                Principal: provider,
                Action: ['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:Decrypt', 'kms:ReEncrypt*'],
                Resource: '*',
                Condition: { StringEquals: { 'kms:EncryptionContext:keywright:customerId': kit.customerId } },
              },
              // The context condition never matches these calls: they carry none.
              {
                Sid: 'ProviderSeesState',
                Effect: 'Allow',
                Principal: provider,
                Action: ['kms:DescribeKey', 'kms:GetKeyRotationStatus'],
                Resource: '*',
              },
            ],
          },
        },
      },
      Alias: {
        Type: 'AWS::KMS::Alias',
        Properties: { AliasName: kit.alias, TargetKeyId: { Ref: 'Key' } },
      },
      Observer: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: OBSERVER_ROLE,
          AssumeRolePolicyDocument: statement({
            Principal: provider,
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:ExternalId': kit.externalId } },
          }),
          Policies: [
            {
              PolicyName: 'look',
              PolicyDocument: statement({
                Action: [
                  'kms:DescribeKey',
                  'kms:GetKeyPolicy',
                  'kms:GetKeyRotationStatus',
                  'kms:ListGrants',
                  'kms:ListKeyRotations',
                ],
                Resource: { 'Fn::GetAtt': ['Key', 'Arn'] },
              }),
            },
          ],
        },
      },
      Forwarder: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'keywright-forwarder',
          AssumeRolePolicyDocument: statement({
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sts:AssumeRole',
          }),
          Policies: [
            {
              PolicyName: 'forward',
              PolicyDocument: statement({ Action: 'events:PutEvents', Resource: kit.customerBusArn }),
            },
          ],
        },
      },
      ForwardKeyEvents: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Description: 'What happens to our key, told to the provider',
          State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
          EventPattern: {
            source: ['aws.kms'],
            $or: [
              { resources: [{ 'Fn::GetAtt': ['Key', 'Arn'] }] },
              { detail: { resources: { ARN: [{ 'Fn::GetAtt': ['Key', 'Arn'] }] } } },
            ],
          },
          Targets: [{ Id: 'provider', Arn: kit.customerBusArn, RoleArn: { 'Fn::GetAtt': ['Forwarder', 'Arn'] } }],
        },
      },
    },
    Outputs: {
      KeyArn: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } },
      ObserverRoleArn: { Value: { 'Fn::GetAtt': ['Observer', 'Arn'] } },
    },
  };
}

const statement = (parts: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...parts }] });
