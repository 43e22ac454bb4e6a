/** The services that speak the Query protocol. Source of names: the service models in botocore 1.29 (`service-2.json`). */
import type { QueryDialect } from './query-wire';

export const STS_QUERY: QueryDialect = {
  namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  numbers: ['DurationSeconds', 'PackedPolicySize'],
  instants: ['Expiration'],
};

export const SNS_QUERY: QueryDialect = {
  namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
  entryMaps: ['Attributes'],
};

const FLAT_LISTS = {
  AttributeName: 'AttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
  TagKey: 'TagKeys',
  SendMessageBatchRequestEntry: 'Entries',
  DeleteMessageBatchRequestEntry: 'Entries',
  ChangeMessageVisibilityBatchRequestEntry: 'Entries',
};

const FLAT_ITEMS: Readonly<Record<string, string>> = {
  Messages: 'Message',
  Failed: 'BatchResultErrorEntry',
  QueueUrls: 'QueueUrl',
  queueUrls: 'QueueUrl',
};

/** SQS as the AWS CLI spoke it before version 2.13: newer clients send JSON. */
export const SQS_QUERY: QueryDialect = {
  namespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
  flatLists: FLAT_LISTS,
  flatMaps: {
    Attribute: { field: 'Attributes', key: 'Name', value: 'Value' },
    Tag: { field: 'Tags', key: 'Key', value: 'Value' },
    MessageAttribute: { field: 'MessageAttributes', key: 'Name', value: 'Value' },
    MessageSystemAttribute: { field: 'MessageSystemAttributes', key: 'Name', value: 'Value' },
  },
  numbers: ['DelaySeconds', 'VisibilityTimeout', 'WaitTimeSeconds', 'MaxNumberOfMessages', 'MaxResults'],
  flatItem: (field, operation) => (field === 'Successful' ? `${operation}ResultEntry` : FLAT_ITEMS[field]),
};
