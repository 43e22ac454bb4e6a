/** Topics, the queues subscribed to them, and what SNS's operations work with. */
import type { Call, JsonObject } from '../call';
import type { EngineDeps, Iam, PolicyDocument, Targets } from '../contracts';
import type { Table } from '../store';
import { invalidParameter, notFound, requiredText, text } from './input';

export interface Topic {
  readonly arn: string;
  readonly accountId: string;
  /** `DisplayName`, `Policy`, `KmsMasterKeyId` and others, as they were set. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly ownerId: string;
  readonly protocol: 'sqs';
  readonly queueArn: string;
  /** `RawMessageDelivery` and `RedrivePolicy`, as they were set. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Sns {
  readonly world: EngineDeps;
  readonly iam: Iam;
  readonly sendToQueue: Targets['sendToQueue'];
  readonly topics: Table<Topic>;
  readonly subscriptions: Table<Subscription>;
  /** The topic that a call names, once the caller is known to be allowed the operation. Throws AwsError. */
  topicOf(call: Call, field?: string): Topic;
  subscriptionsOf(topic: Topic): readonly Subscription[];
}

export function snsContext(
  world: EngineDeps,
  parts: { readonly iam: Iam; readonly sendToQueue: Targets['sendToQueue'] },
): Sns {
  const topics = world.store.table<Topic>('sns/topics');
  const subscriptions = world.store.table<Subscription>('sns/subscriptions');
  return {
    world,
    ...parts,
    topics,
    subscriptions,
    topicOf(call, field = 'TopicArn') {
      const topic = topics.get(requiredText(call.input, field));
      if (topic === undefined) throw notFound('Topic');
      requireOn(parts.iam, call, topic);
      return topic;
    },
    subscriptionsOf: ({ arn }) => [...subscriptions.values()].filter(({ topicArn }) => topicArn === arn),
  };
}

/** Throws AwsError unless the caller's policies, the topic's or both allow the operation. */
export function requireOn(iam: Iam, { caller, operation }: Call, topic: Topic) {
  const resourcePolicy = policyOf(topic);
  iam.require(caller, {
    action: `sns:${operation === 'PublishBatch' ? 'Publish' : operation}`,
    resource: topic.arn,
    resourceAccountId: topic.accountId,
    ...(resourcePolicy && { resourcePolicy }),
  });
}

function policyOf({ attributes }: Topic): PolicyDocument | undefined {
  const policy = attributes['Policy'];
  return policy ? (JSON.parse(policy) as PolicyDocument) : undefined;
}

/** Up to 100 a page. Source: ListTopics in the SNS API reference. */
const PAGE_MAX = 100;

/** A page of a list; the token is where the next page begins. */
export function listed(input: JsonObject, field: string, all: readonly JsonObject[]): JsonObject {
  const from = Number(text(input, 'NextToken') ?? '0');
  if (!Number.isInteger(from) || from < 0) throw invalidParameter('NextToken');
  const next = from + PAGE_MAX;
  return { [field]: all.slice(from, next), NextToken: next < all.length ? String(next) : undefined };
}
