/** What a customer makes in their own account for their entries: a queue, a bucket and a bus, which let the function in that sends. */
import { ACME_ACCOUNT, PROVIDER_ACCOUNT } from '../customers';

/** The role that sends may reach no other names. */
export const NAME = 'keywright-audit-acme';
/** A bus keeps nothing: a rule puts what arrives into this queue. */
export const BUS_QUEUE = 'acme-entries-of-bus';

const statement = (parts: object) => ({ Effect: 'Allow', ...parts });
const document = (parts: object) => ({ Version: '2012-10-17', Statement: [statement(parts)] });
const sender = { AWS: `arn:aws:iam::${PROVIDER_ACCOUNT}:role/keywright-dev-deliver-entries` };
const arnOf = (resource: string) => ({ 'Fn::GetAtt': [resource, 'Arn'] });

const resource = (Type: string, Properties: object) => ({ Type, Properties });

/** Safe to deploy again: what is there stays. */
export const acmeDestinationsTemplate = () => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'Takes the entries of our audit log at the provider',
  Resources: {
    Queue: resource('AWS::SQS::Queue', { QueueName: NAME }),
    QueuePolicy: resource('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: 'Queue' }],
      PolicyDocument: document({ Principal: sender, Action: 'sqs:SendMessage', Resource: arnOf('Queue') }),
    }),
    Bucket: resource('AWS::S3::Bucket', { BucketName: NAME }),
    BucketPolicy: resource('AWS::S3::BucketPolicy', {
      Bucket: { Ref: 'Bucket' },
      PolicyDocument: document({ Principal: sender, Action: 's3:PutObject', Resource: `arn:aws:s3:::${NAME}/*` }),
    }),
    Bus: resource('AWS::Events::EventBus', { Name: NAME }),
    BusPolicy: resource('AWS::Events::EventBusPolicy', {
      EventBusName: { Ref: 'Bus' },
      StatementId: 'entries',
      Statement: statement({ Principal: sender, Action: 'events:PutEvents', Resource: arnOf('Bus') }),
    }),
    BusQueue: resource('AWS::SQS::Queue', { QueueName: BUS_QUEUE }),
    BusQueuePolicy: resource('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: 'BusQueue' }],
      PolicyDocument: document({
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arnOf('BusQueue'),
        Condition: { ArnEquals: { 'aws:SourceArn': arnOf('Rule') } },
      }),
    }),
    Rule: resource('AWS::Events::Rule', {
      Name: 'keep-entries',
      EventBusName: { Ref: 'Bus' },
      EventPattern: { account: [PROVIDER_ACCOUNT], source: ['keywright.audit'] },
      Targets: [{ Id: 'queue', Arn: `arn:aws:sqs:eu-central-1:${ACME_ACCOUNT}:${BUS_QUEUE}` }],
    }),
  },
});
