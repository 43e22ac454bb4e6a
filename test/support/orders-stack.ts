/**
 * A small product for tests of local AWS: an order is an event; a rule puts it on a queue; `store` keeps it in a table; the
 * table's stream wakes `report`, which puts a line on another queue. Written as a template, like the real one.
 */
import { bundle } from 'local-aws/test/support/local-aws';

const STORE = bundle(`
  import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
  const client = new DynamoDBClient();
  const put = (id) => client.send(new PutItemCommand({ TableName: process.env.TABLE, Item: { pk: { S: id } } }));
  exports.handler = async ({ Records }) => {
    const batchItemFailures = [];
    for (const { messageId, body } of Records) {
      const { id, does } = JSON.parse(body).detail;
      if (does === 'hang') await new Promise(() => {});
      if (does === 'fail') batchItemFailures.push({ itemIdentifier: messageId });
      else await put(id);
    }
    return { batchItemFailures };
  };`);

const REPORT = bundle(`
  import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
  const client = new SQSClient();
  exports.handler = async ({ Records }) => {
    await Promise.all(Records.map(({ dynamodb }) =>
      client.send(new SendMessageCommand({ QueueUrl: process.env.REPORTS, MessageBody: dynamodb.Keys.pk.S }))));
  };`);

const arnOf = (id: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });
const allow = (Action: string | string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });

const role = (...Statement: readonly object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'work', PolicyDocument: { Version: '2012-10-17', Statement } }],
  },
});

const lambda = (
  FunctionName: string,
  roleId: string,
  more: { ZipFile: string; Variables: object; Timeout: number },
) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    ...{ FunctionName, Handler: 'index.handler', Runtime: 'nodejs24.x', Timeout: more.Timeout, MemorySize: 256 },
    ...{ Code: { ZipFile: more.ZipFile }, Role: arnOf(roleId), Environment: { Variables: more.Variables } },
  },
});

export interface OrdersOptions {
  /** Of `store`, in seconds: an order that hangs takes as long. */
  readonly timeout?: number;
  /** How often an order is tried before it becomes a dead letter. */
  readonly tries?: number;
}

export const ordersStack = ({ timeout = 20, tries = 2 }: OrdersOptions = {}) => ({
  Resources: {
    Orders: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      },
    },
    Key: { Type: 'AWS::KMS::Key', Properties: { Description: 'kept across deployments' } },
    Work: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 120,
        RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: tries },
      },
    },
    Dead: { Type: 'AWS::SQS::Queue' },
    Reports: { Type: 'AWS::SQS::Queue' },
    WorkPolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Work' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              ...allow('sqs:SendMessage', arnOf('Work')),
              Principal: { Service: 'events.amazonaws.com' },
              Condition: { ArnEquals: { 'aws:SourceArn': arnOf('Placed') } },
            },
          ],
        },
      },
    },
    Placed: {
      Type: 'AWS::Events::Rule',
      Properties: { EventPattern: { source: ['shop'] }, Targets: [{ Id: 'work', Arn: arnOf('Work') }] },
    },
    StoreRole: role(
      allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arnOf('Work')),
      allow('dynamodb:PutItem', arnOf('Orders')),
    ),
    Store: lambda('store', 'StoreRole', { ZipFile: STORE, Variables: { TABLE: { Ref: 'Orders' } }, Timeout: timeout }),
    StoreSource: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        ...{ FunctionName: { Ref: 'Store' }, EventSourceArn: arnOf('Work'), BatchSize: 5 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
    ReportRole: role(
      allow(
        ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        arnOf('Orders', 'StreamArn'),
      ),
      allow('sqs:SendMessage', arnOf('Reports')),
    ),
    Report: lambda('report', 'ReportRole', {
      ZipFile: REPORT,
      Variables: { REPORTS: { Ref: 'Reports' } },
      Timeout: 20,
    }),
    ReportSource: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        ...{ FunctionName: { Ref: 'Report' }, EventSourceArn: arnOf('Orders', 'StreamArn') },
        StartingPosition: 'TRIM_HORIZON',
      },
    },
  },
  Outputs: {
    KeyArn: { Value: arnOf('Key') },
    DeadUrl: { Value: { Ref: 'Dead' } },
    ReportsUrl: { Value: { Ref: 'Reports' } },
    Table: { Value: { Ref: 'Orders' } },
  },
});
