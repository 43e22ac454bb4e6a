/** The calls that make, find, change and delete topics. */
import type { Call, JsonObject } from '../call';
import type { PolicyDocument } from '../contracts';
import { readObject } from '../json-object';
import { invalidParameter, requiredText, structures, text, textMap } from './input';
import { listed, type Sns, type Topic } from './sns';

/** Source: CreateTopic in the SNS API reference. */
const NAME = /^[A-Za-z0-9_-]{1,256}$/;

const SETTABLE = ['DisplayName', 'Policy', 'DeliveryPolicy', 'KmsMasterKeyId', 'TracingConfig', 'SignatureVersion'];

export function topicOperations(sns: Sns) {
  const { topics, subscriptions } = sns;

  return {
    CreateTopic(call: Call) {
      const name = requiredText(call.input, 'Name');
      const attributes = textMap(call.input, 'Attributes');
      if (name.endsWith('.fifo') || attributes['FifoTopic'] === 'true') {
        throw invalidParameter('Name', 'local AWS has standard topics only');
      }
      if (!NAME.test(name)) throw invalidParameter('Topic Name');
      const arn = `arn:aws:sns:${call.region}:${call.caller.accountId}:${name}`;
      const { accountId } = call.caller;
      sns.iam.require(call.caller, { action: 'sns:CreateTopic', resource: arn, resourceAccountId: accountId });
      for (const [key, value] of Object.entries(attributes)) checkAttribute(key, value);
      if (!topics.has(arn)) topics.set(arn, { arn, accountId, attributes, tags: tagsOf(call.input) });
      return { TopicArn: arn };
    },

    DeleteTopic(call: Call) {
      const arn = requiredText(call.input, 'TopicArn');
      if (!topics.has(arn)) return {};
      const topic = sns.topicOf(call);
      sns.world.store.together(() => {
        for (const { arn } of sns.subscriptionsOf(topic)) subscriptions.delete(arn);
        topics.delete(topic.arn);
      });
      return {};
    },

    ListTopics(call: Call) {
      const { accountId } = call.caller;
      sns.iam.require(call.caller, { action: 'sns:ListTopics', resource: '*', resourceAccountId: accountId });
      const own = [...topics.values()].filter(({ arn }) => arn.startsWith(`arn:aws:sns:${call.region}:${accountId}:`));
      return listed(
        call.input,
        'Topics',
        own.map(({ arn }) => ({ TopicArn: arn })),
      );
    },

    GetTopicAttributes(call: Call) {
      const topic = sns.topicOf(call);
      return {
        Attributes: {
          DisplayName: '',
          Policy: JSON.stringify(ownersPolicy(topic)),
          ...topic.attributes,
          TopicArn: topic.arn,
          Owner: topic.accountId,
          SubscriptionsConfirmed: String(sns.subscriptionsOf(topic).length),
          SubscriptionsPending: '0',
          SubscriptionsDeleted: '0',
        },
      };
    },

    SetTopicAttributes(call: Call) {
      const topic = sns.topicOf(call);
      const name = requiredText(call.input, 'AttributeName');
      const value = text(call.input, 'AttributeValue') ?? '';
      checkAttribute(name, value);
      topics.set(topic.arn, { ...topic, attributes: { ...topic.attributes, [name]: value } });
      return {};
    },

    TagResource(call: Call) {
      const topic = sns.topicOf(call, 'ResourceArn');
      topics.set(topic.arn, { ...topic, tags: { ...topic.tags, ...tagsOf(call.input) } });
      return {};
    },

    ListTagsForResource(call: Call) {
      const { tags } = sns.topicOf(call, 'ResourceArn');
      return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

function checkAttribute(name: string, value: string) {
  if (!SETTABLE.includes(name)) throw invalidParameter('AttributeName');
  if (name === 'Policy' && readObject(value) === undefined) throw invalidParameter('Policy', 'it is not JSON');
}

/** What a topic without a policy of its own shows: its account may use it. */
function ownersPolicy({ arn, accountId }: Topic): PolicyDocument {
  const principal = { AWS: `arn:aws:iam::${accountId}:root` };
  return {
    Version: '2008-10-17',
    Statement: [
      { Sid: '__default_statement_ID', Effect: 'Allow', Principal: principal, Action: 'SNS:*', Resource: arn },
    ],
  };
}

function tagsOf(input: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    structures(input, 'Tags').map((tag) => [requiredText(tag, 'Key'), text(tag, 'Value') ?? '']),
  );
}
