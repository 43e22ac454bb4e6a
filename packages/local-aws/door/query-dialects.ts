/** The services that speak the Query protocol. Source of names: the service models in botocore 1.29 (`service-2.json`). */
import { own } from '../own-property';

/** What the form and the XML of a service do not say by themselves. */
export interface QueryDialect {
  readonly namespace: string;
  /** Lists written without a wrapper: name on the wire -> name in the call. */
  readonly flatLists?: Readonly<Record<string, string>>;
  /** Maps: name on the wire -> name in the call, and the names of key and value. */
  readonly flatMaps?: Readonly<
    Record<string, { readonly field: string; readonly key: string; readonly value: string }>
  >;
  /** Fields that are numbers in a call. */
  readonly numbers?: readonly string[];
  /** Fields of an answer that hold epoch seconds and are written as ISO 8601. */
  readonly instants?: readonly string[];
  /** Fields of an answer that are maps in `<entry>` form rather than structures. */
  readonly entryMaps?: readonly string[];
  /** The wire name of the items of a flat list of an answer. */
  readonly flatItem?: (field: string, operation: string) => string | undefined;
}

export const STS_QUERY: QueryDialect = {
  namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  numbers: ['DurationSeconds', 'PackedPolicySize'],
  instants: ['Expiration'],
};

export const IAM_QUERY: QueryDialect = {
  namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  numbers: ['MaxItems', 'MaxSessionDuration'],
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
  flatItem: (field, operation) => (field === 'Successful' ? `${operation}ResultEntry` : own(FLAT_ITEMS, field)),
};
