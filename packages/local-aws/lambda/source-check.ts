/**
 * What Lambda checks before it accepts an event source mapping: that the function's own role may read the source, and
 * that a queue hides a message at least as long as the function may work on it.
 */
import { AwsError } from '../call';
import type { Iam } from '../contracts';
import type { LambdaFunction } from './functions';
import { isQueue } from './mappings';
import type { QueueClient } from './queue-client';
import type { RoleSessions } from './role-sessions';

/** Source: Lambda developer guide, execution role permissions for SQS and DynamoDB event sources. */
const NEEDED = {
  SQS: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  DynamoDB: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
} as const;

export function sourceCheck(parts: {
  readonly iam: Iam;
  readonly sessions: RoleSessions;
  readonly queues: QueueClient;
}) {
  return async (target: LambdaFunction, sourceArn: string): Promise<void> => {
    requirePermissions(parts, target, sourceArn);
    if (isQueue(sourceArn)) await requireLongVisibility(parts, target, sourceArn);
  };
}

type Parts = Parameters<typeof sourceCheck>[0];

function requirePermissions({ iam, sessions }: Parts, target: LambdaFunction, sourceArn: string): void {
  const service = isQueue(sourceArn) ? 'SQS' : 'DynamoDB';
  const caller = sessions.principalOf(target.roleArn, target.name);
  const missing = NEEDED[service].find(
    (action) =>
      iam.identityEffect(caller, { action, resource: sourceArn, resourceAccountId: sourceArn.split(':')[4] ?? '' }) !==
      'allow',
  );
  if (missing === undefined) return;
  throw new AwsError(
    'InvalidParameterValueException',
    `The function execution role does not have permissions to call ${missing.split(':')[1]} on ${service}`,
  );
}

async function requireLongVisibility(parts: Parts, target: LambdaFunction, sourceArn: string): Promise<void> {
  const { VisibilityTimeout = '30' } = await parts.queues.attributes(target, sourceArn);
  if (Number(VisibilityTimeout) >= target.timeoutSeconds) return;
  throw new AwsError(
    'InvalidParameterValueException',
    `Queue visibility timeout: ${VisibilityTimeout} seconds is less than Function timeout: ${target.timeoutSeconds} seconds`,
  );
}
