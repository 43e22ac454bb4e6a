/** The provider's application: what the product lets those do that use keywright-envelope, and nothing else. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from 'local-aws/aws';
import { documentsOf } from '../../shared/adapters/document-client';
import { dynamoControlStore } from '../../shared/adapters/dynamo-control-store';
import { dynamoDataKeyStore } from '../../shared/adapters/dynamo-data-key-store';
import { kmsClients } from '../../shared/adapters/kms-clients';
import { kmsDataKeyCrypto } from '../../shared/adapters/kms-data-key-crypto';

export interface ApplicationOf {
  readonly accountId: string;
  /** Of the product's stack. */
  readonly outputs: Readonly<Record<string, string>>;
}

const SESSION_SECONDS = 3600;
const NEARLY_OVER_MS = 300_000;

/** Deploys the application's own stack, which is a role. Safe to repeat. @returns what gives a session of it that is not over. */
export async function applicationRole(aws: LocalAws, { accountId, outputs }: ApplicationOf) {
  const { outputs: own } = await aws.deploy(templateOf(outputs['ApplicationPolicyArn'] ?? ''), {
    accountId,
    stackName: 'application',
  });
  const open = () => aws.iam.openSession(own['RoleArn'] ?? '', 'application', SESSION_SECONDS);
  let session = open();
  return () => {
    if (session.expiresAt < aws.clock.now() + NEARLY_OVER_MS) session = open();
    return session;
  };
}

/** The stores and the KMS of the library, by the application's credentials. */
export async function applicationPorts(aws: LocalAws, application: ApplicationOf) {
  const session = await applicationRole(aws, application);
  // Local AWS's clock jumps by months, which the SDK does not see: it asks each time.
  const credentials = async () => ({ ...session(), expiration: new Date() });
  const documents = documentsOf(new DynamoDBClient({ credentials }));
  const { outputs } = application;
  const controlTableName = outputs['ControlTableName'] ?? '';
  return {
    control: dynamoControlStore(documents, controlTableName),
    dataKeys: dynamoDataKeyStore(documents, outputs['DataKeyTableName'] ?? '', controlTableName),
    crypto: kmsDataKeyCrypto(kmsClients(new STSClient({ credentials }), { credentials })),
  };
}

const templateOf = (policyArn: string) => ({
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'application',
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        ManagedPolicyArns: [policyArn],
      },
    },
  },
  Outputs: { RoleArn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
});
