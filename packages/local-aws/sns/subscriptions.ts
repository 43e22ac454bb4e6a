/** The calls that subscribe queues to topics. Other protocols have nobody to receive them on this machine and are refused. */
import { randomUUID } from 'node:crypto';
import type { Call, JsonObject } from '../call';
import { invalidParameter, notFound, requiredText, text, textMap } from './input';
import { listed, requireOn, type Sns, type Subscription } from './sns';

const SETTABLE = ['RawMessageDelivery', 'RedrivePolicy'];

export function subscriptionOperations(sns: Sns) {
  const { subscriptions } = sns;

  /** The subscription that a call names, once its topic allows the operation. Throws AwsError. */
  function subscriptionOf(call: Call): Subscription {
    const subscription = subscriptions.get(requiredText(call.input, 'SubscriptionArn'));
    const topic = subscription && sns.topics.get(subscription.topicArn);
    if (subscription === undefined || topic === undefined) throw notFound('Subscription');
    requireOn(sns.iam, call, topic);
    return subscription;
  }

  return {
    /** Subscribing the same queue again answers with the subscription there is. */
    Subscribe(call: Call) {
      const topic = sns.topicOf(call);
      const queueArn = readEndpoint(call.input);
      const attributes = textMap(call.input, 'Attributes');
      for (const [name, value] of Object.entries(attributes)) checkAttribute(name, value);
      const known = sns.subscriptionsOf(topic).find((subscription) => subscription.queueArn === queueArn);
      if (known !== undefined) return { SubscriptionArn: sameOr(known, attributes).arn };
      const arn = `${topic.arn}:${randomUUID()}`;
      const ownerId = call.caller.accountId;
      subscriptions.set(arn, { arn, topicArn: topic.arn, ownerId, protocol: 'sqs', queueArn, attributes });
      return { SubscriptionArn: arn };
    },

    Unsubscribe(call: Call) {
      if (!subscriptions.has(requiredText(call.input, 'SubscriptionArn'))) return {};
      subscriptions.delete(subscriptionOf(call).arn);
      return {};
    },

    ListSubscriptionsByTopic(call: Call) {
      return listed(call.input, 'Subscriptions', sns.subscriptionsOf(sns.topicOf(call)).map(answered));
    },

    ListSubscriptions(call: Call) {
      const { accountId } = call.caller;
      sns.iam.require(call.caller, { action: 'sns:ListSubscriptions', resource: '*', resourceAccountId: accountId });
      const own = [...subscriptions.values()].filter(({ ownerId }) => ownerId === accountId);
      return listed(call.input, 'Subscriptions', own.map(answered));
    },

    GetSubscriptionAttributes(call: Call) {
      const subscription = subscriptionOf(call);
      return {
        Attributes: {
          RawMessageDelivery: 'false',
          ...subscription.attributes,
          ...answered(subscription),
          ConfirmationWasAuthenticated: 'true',
          PendingConfirmation: 'false',
        },
      };
    },

    SetSubscriptionAttributes(call: Call) {
      const subscription = subscriptionOf(call);
      const name = requiredText(call.input, 'AttributeName');
      const value = text(call.input, 'AttributeValue') ?? '';
      checkAttribute(name, value);
      subscriptions.set(subscription.arn, {
        ...subscription,
        attributes: { ...subscription.attributes, [name]: value },
      });
      return {};
    },
  };
}

function readEndpoint(input: JsonObject): string {
  const protocol = requiredText(input, 'Protocol');
  if (protocol !== 'sqs') throw invalidParameter('Protocol', `local AWS delivers to sqs only, not to ${protocol}`);
  const endpoint = requiredText(input, 'Endpoint');
  if (!/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/.test(endpoint)) {
    throw invalidParameter('SQS endpoint ARN');
  }
  return endpoint;
}

function checkAttribute(name: string, value: string) {
  if (!SETTABLE.includes(name)) throw invalidParameter('AttributeName', `local AWS knows ${SETTABLE.join(' and ')}`);
  if (name === 'RawMessageDelivery' && !['true', 'false'].includes(value)) throw invalidParameter(name);
}

function sameOr(known: Subscription, attributes: Subscription['attributes']): Subscription {
  const differs = Object.entries(attributes).some(([name, value]) => (known.attributes[name] ?? 'false') !== value);
  if (differs) throw invalidParameter('Attributes', 'Subscription already exists with different attributes');
  return known;
}

function answered({ arn, ownerId, protocol, queueArn, topicArn }: Subscription): JsonObject {
  return { SubscriptionArn: arn, Owner: ownerId, Protocol: protocol, Endpoint: queueArn, TopicArn: topicArn };
}
