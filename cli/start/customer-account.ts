/**
 * What a customer who holds their own key sets up in their account: the key with a policy that lets us use it under
 * their context and nothing else, a role through which we may look at it, a rule that tells us what happens to it, and a heartbeat that tells that the way is open.
 */

import { HEARTBEAT_SOURCE } from '../../events/forwarder-heartbeat';

interface Kit {
  readonly customerId: string;
  readonly accountId: string;
  readonly alias: string;
  readonly providerAccountId: string;
  /** Made by us, one for each customer. Not a secret: it keeps others from having us use their role. */
  readonly externalId: string;
  readonly customerBusArn: string;
  /** The role by which the key is used, where it is not by the key's policy: the one that looks may read it. */
  readonly useRoleName?: string;
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
            ...(kit.useRoleName === undefined ? [] : [readingRole(kit.accountId, kit.useRoleName)]),
          ],
        },
      },
      Heartbeat: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'keywright-heartbeat',
          AssumeRolePolicyDocument: statement({
            Principal: { Service: 'scheduler.amazonaws.com' },
            Action: 'sts:AssumeRole',
          }),
          Policies: [
            {
              PolicyName: 'beat',
              PolicyDocument: statement({ Action: 'events:PutEvents', Resource: defaultBus(kit) }),
            },
          ],
        },
      },
      // Onto our own bus, so that it takes the same way to the provider as what happens to the key: that way is what it proves.
      HeartbeatSchedule: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'keywright-heartbeat',
          ScheduleExpression: 'rate(5 minutes)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: {
            Arn: defaultBus(kit),
            RoleArn: { 'Fn::GetAtt': ['Heartbeat', 'Arn'] },
            Input: JSON.stringify({ customerId: kit.customerId }),
            EventBridgeParameters: { DetailType: 'heartbeat', Source: HEARTBEAT_SOURCE },
          },
        },
      },
      ForwardHeartbeats: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Description: 'That the way to the provider is open, told every five minutes',
          EventPattern: { source: [HEARTBEAT_SOURCE] },
          Targets: [{ Id: 'provider', Arn: kit.customerBusArn, RoleArn: { 'Fn::GetAtt': ['Forwarder', 'Arn'] } }],
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

/** In the Region of our key, where its events are. */
const defaultBus = ({ accountId, customerBusArn }: Kit): string =>
  `arn:aws:events:${customerBusArn.split(':')[3]}:${accountId}:event-bus/default`;

const statement = (parts: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...parts }] });

/**
 * Why that role lets nobody in, or may do no more, is read by the one that looks. Of managed policies those named like our roles: IAM cannot
 * narrow it to what is attached to a role.
 */
const readingRole = (accountId: string, name: string) => ({
  PolicyName: 'read-role',
  PolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
        Resource: `arn:aws:iam::${accountId}:role/${name}`,
      },
      {
        Effect: 'Allow',
        Action: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
        Resource: `arn:aws:iam::${accountId}:policy/keywright-*`,
      },
    ],
  },
});

interface RoleEvents {
  readonly accountId: string;
  readonly customerBusArn: string;
  readonly useRoleName: string;
}

/**
 * Changes of that role, told to the provider. A stack of its own, in us-east-1: IAM's events are there alone, and the bus may be in another
 * Region. It needs the onboarding stack's forwarder, and a trail or CloudTrail's management events there.
 */
export function roleEventsTemplate({ accountId, customerBusArn, useRoleName }: RoleEvents) {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Tells the provider what happens to the role by which it uses our key.',
    Resources: {
      ForwardRoleEvents: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Description: 'What happens to the role that we opened to the provider',
          EventPattern: { source: ['aws.iam'], detail: { requestParameters: { roleName: [useRoleName] } } },
          Targets: [
            { Id: 'provider', Arn: customerBusArn, RoleArn: `arn:aws:iam::${accountId}:role/keywright-forwarder` },
          ],
        },
      },
    },
  };
}
