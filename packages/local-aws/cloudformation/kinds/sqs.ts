import { AwsError, type JsonObject } from '../../call';
import { type Context, type Kind, picked, textOf } from '../kind';

/** Properties that are attributes of a queue under the same name. Source: CloudFormation, AWS::SQS::Queue. */
const ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
];

const queue: Kind = {
  async make(properties, context) {
    const QueueName = nameOf(properties, context);
    const attributes = picked(properties, ATTRIBUTES, textOf);
    const QueueUrl = await create(context, QueueName, attributes);
    const Arn = `arn:aws:sqs:${context.region}:${context.accountId}:${QueueName}`;
    return { physicalId: QueueUrl, attributes: { Arn, QueueName, QueueUrl } };
  },
};

const queuePolicy: Kind = {
  async make(properties, context) {
    const Policy = textOf(properties['PolicyDocument'] ?? null);
    for (const QueueUrl of (properties['Queues'] ?? []) as readonly string[])
      await context.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    return { physicalId: context.generatedName };
  },
};

export const SQS_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
};

function nameOf(properties: JsonObject, context: Context): string {
  const suffix = properties['FifoQueue'] ? '.fifo' : '';
  return String(properties['QueueName'] ?? `${context.generatedName.slice(0, 80 - suffix.length)}${suffix}`);
}

/** A queue that is there keeps its messages and takes over the attributes. */
async function create(context: Context, QueueName: string, attributes: JsonObject): Promise<string> {
  try {
    const { QueueUrl } = await context.call('sqs', 'CreateQueue', { QueueName, Attributes: attributes });
    return String(QueueUrl);
  } catch (error) {
    if (!(error instanceof AwsError) || !/QueueNameExists|QueueAlreadyExists/.test(error.code)) throw error;
  }
  const { QueueUrl } = await context.call('sqs', 'GetQueueUrl', { QueueName });
  const { FifoQueue: _fixed, ...changeable } = attributes;
  await context.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: changeable });
  return String(QueueUrl);
}
