import type { JsonObject } from '../../call';
import { type Context, type Kind, picked, textOf } from '../kind';

const TOPIC_ATTRIBUTES = ['DisplayName', 'KmsMasterKeyId', 'FifoTopic', 'ContentBasedDeduplication'];
const SUBSCRIPTION_ATTRIBUTES = ['RawMessageDelivery', 'FilterPolicy', 'FilterPolicyScope', 'RedrivePolicy'];

const topic: Kind = {
  async make(properties, context) {
    const isFifo = properties['FifoTopic'] === true;
    const Name = String(properties['TopicName'] ?? `${context.generatedName}${isFifo ? '.fifo' : ''}`);
    const { TopicArn } = await context.call('sns', 'CreateTopic', {
      Name,
      Attributes: picked(properties, TOPIC_ATTRIBUTES, textOf),
    });
    for (const subscription of (properties['Subscription'] ?? []) as readonly JsonObject[])
      await subscribe(context, { TopicArn, ...subscription });
    return { physicalId: String(TopicArn), attributes: { TopicArn: String(TopicArn), TopicName: Name } };
  },
};

const topicPolicy: Kind = {
  async make(properties, context) {
    const AttributeValue = JSON.stringify(properties['PolicyDocument']);
    for (const TopicArn of (properties['Topics'] ?? []) as readonly string[])
      await context.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });
    return { physicalId: context.generatedName };
  },
};

const subscription: Kind = {
  async make(properties, context) {
    return { physicalId: await subscribe(context, properties) };
  },
};

export const SNS_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SNS::Subscription': subscription,
};

/** The same topic, protocol and endpoint is the same subscription: SNS answers with the one that is there. */
async function subscribe(context: Context, { TopicArn, Protocol, Endpoint, ...rest }: JsonObject): Promise<string> {
  const Attributes = picked(rest, SUBSCRIPTION_ATTRIBUTES, textOf);
  const input = { TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true };
  const { SubscriptionArn } = await context.call('sns', 'Subscribe', input);
  return String(SubscriptionArn);
}
