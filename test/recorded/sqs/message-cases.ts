/** Recorded answers about sending, receiving and deleting in standard queues. */
import type { JsonObject } from 'local-aws/call';
import {
  type Answers,
  arnOf,
  type CaseSqs,
  handleOf,
  inferred,
  messagesOf,
  type RecordedCase,
  twenty,
} from './harness';

const MAX_BYTES = 1_048_576;
const TRACE_HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

/** The attribute of the size tests: its name, type and value are 8 bytes. */
const SMALL_ATTRIBUTE = { k: { DataType: 'String', StringValue: 'x' } };

export const MESSAGE_CASES: Readonly<Record<string, RecordedCase>> = {
  test_aws_trace_header_propagation: inferred(async (sqs) => {
    const url = await sqs.queue();
    const StringValue = 'Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1';
    await sqs.send(url, 'test', {
      MessageAttributes: { timestamp: { DataType: 'Number', StringValue: '1493147359900' } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue } },
    });
    const names = ['SentTimestamp', 'AWSTraceHeader'];
    const received = await sqs.receive(url, { MessageSystemAttributeNames: names, MessageAttributeNames: ['All'] });
    return { 'xray-msg': messagesOf(received)[0] };
  }),
  test_change_message_visibility_after_visibility_timeout_expiration: inferred(async (sqs) => {
    const url = await sqs.queue({ VisibilityTimeout: '1' });
    await sqs.send(url, 'test');
    const ReceiptHandle = handleOf(await sqs.receive(url));
    sqs.world.clock.advance(2_000);
    const input = { QueueUrl: url, ReceiptHandle, VisibilityTimeout: 2 };
    return { visibility_timeout_expired: await sqs.answer('ChangeMessageVisibility', input) };
  }),
  test_change_message_visibility_batch_with_too_large_batch: {
    run: (sqs) =>
      tooLargeBatch(sqs, 'ChangeMessageVisibilityBatch', (index) => ({
        Id: String(index),
        ReceiptHandle: 'x',
        VisibilityTimeout: 123,
      })),
  },
  test_dead_letter_queue_message_attributes: inferred(deadLetters),
  test_delete_after_visibility_timeout: inferred(async (sqs) => {
    const url = await sqs.queue({ VisibilityTimeout: '1' });
    await sqs.send(url, 'foobar');
    const ReceiptHandle = handleOf(await sqs.receive(url));
    sqs.world.clock.advance(2_000);
    await sqs.answer('DeleteMessage', { QueueUrl: url, ReceiptHandle });
    return { delete_after_timeout_queue_empty: await sqs.receive(url) };
  }),
  test_delete_message_batch_invalid_msg_id: {
    async run(sqs, Id) {
      const input = { QueueUrl: await sqs.queue(), Entries: [{ Id, ReceiptHandle: 'testHandle1' }] };
      return { error_response: await sqs.refusal('DeleteMessageBatch', input) };
    },
  },
  test_delete_message_batch_with_too_large_batch: {
    run: (sqs) => tooLargeBatch(sqs, 'DeleteMessageBatch', (index) => ({ Id: String(index), ReceiptHandle: 'x' })),
  },
  test_invalid_batch_id: {
    async run(sqs) {
      const input = { QueueUrl: await sqs.queue(), Entries: [{ Id: 'message:1', MessageBody: 'messageBody' }] };
      return { test_invalid_batch_id: await sqs.refusal('SendMessageBatch', input) };
    },
  },
  test_message_system_attribute_names_with_attribute_names: inferred(async (sqs) => {
    const url = await sqs.queue({ VisibilityTimeout: '0' });
    await sqs.send(url, 'msg');
    const receive = (old: string, current: string) =>
      sqs.receive(url, { AttributeNames: [old], MessageSystemAttributeNames: [current] });
    return { same_values: await receive('All', 'All'), different_values: await receive('All', 'SenderId') };
  }),
  test_receive_empty_queue: inferred(async (sqs) => {
    const url = await sqs.queue();
    return {
      empty_short_poll_resp_no_param: await sqs.receive(url),
      empty_short_poll_resp: await sqs.receive(url, { WaitTimeSeconds: 0 }),
      empty_long_poll_resp: await sqs.longPoll(url, 1),
    };
  }),
  test_receive_message_attribute_names_filters: { run: (sqs) => attributeFilters(sqs, 'AttributeNames') },
  test_receive_message_message_attribute_names_filters: { run: namedAttributes },
  test_receive_message_message_system_attribute_names_filters: inferred((sqs) =>
    attributeFilters(sqs, 'MessageSystemAttributeNames'),
  ),
  test_send_batch_message_size: inferred(async (sqs) => {
    const QueueUrl = await sqs.queue({ MaximumMessageSize: '1024' });
    const Entries = [
      { Id: 'longer', MessageBody: 'a'.repeat(1_025) },
      { Id: 'as-long', MessageBody: 'a'.repeat(1_024) },
    ];
    return { 'send-message-batch-result': await sqs.answer('SendMessageBatch', { QueueUrl, Entries }) };
  }),
  test_send_empty_message: inferred(async (sqs) => ({
    send_empty_message: await sqs.refusal('SendMessage', { QueueUrl: await sqs.queue(), MessageBody: '' }),
  })),
  test_send_message_batch_with_oversized_contents: {
    async run(sqs) {
      const input = { QueueUrl: await sqs.queue(), Entries: oversizedBatch(MAX_BYTES) };
      return { send_oversized_message_batch: await sqs.refusal('SendMessageBatch', input) };
    },
  },
  test_send_message_batch_with_oversized_contents_with_updated_maximum_message_size: {
    async run(sqs) {
      const input = { QueueUrl: await sqs.queue({ MaximumMessageSize: '2048' }), Entries: oversizedBatch(2_048) };
      return { send_oversized_message_batch: await sqs.answer('SendMessageBatch', input) };
    },
  },
  test_send_message_with_binary_attributes: {
    async run(sqs) {
      const url = await sqs.queue();
      const bytes = 'traceparent\u001e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01';
      const BinaryValue = Buffer.from(bytes).toString('base64');
      await sqs.send(url, 'test', { MessageAttributes: { attr1: { DataType: 'Binary', BinaryValue } } });
      const received = await sqs.receive(url, { MessageAttributeNames: ['All'] });
      // Recorded as Python writes bytes.
      const asPython = JSON.stringify(received).replace(BinaryValue, `b'${bytes.replace('\u001e', '\\\\x1e')}'`);
      return { 'binary-attrs-msg': JSON.parse(asPython) };
    },
  },
  test_send_message_with_empty_string_attribute: {
    async run(sqs) {
      const MessageAttributes = { ErrorDetails: { StringValue: '', DataType: 'String' } };
      const input = { QueueUrl: await sqs.queue(), MessageBody: 'test', MessageAttributes };
      return { 'empty-string-attr': await sqs.refusal('SendMessage', input) };
    },
  },
  test_send_message_with_updated_maximum_message_size: { run: (sqs) => oversized(sqs, 1_024) },
  test_send_oversized_message: { run: (sqs) => oversized(sqs, MAX_BYTES) },
  test_send_receive_max_number_of_messages: {
    async run(sqs) {
      const input = { QueueUrl: await sqs.queue(), MaxNumberOfMessages: 11 };
      return { send_max_number_of_messages: await sqs.refusal('ReceiveMessage', input) };
    },
  },
  test_send_receive_wait_time_seconds: inferred(async (sqs) => {
    const url = await sqs.queue();
    const refused = (WaitTimeSeconds: number) => sqs.refusal('ReceiveMessage', { QueueUrl: url, WaitTimeSeconds });
    const [tooLarge, tooSmall] = [await refused(21), await refused(-1)];
    await sqs.send(url, 'message');
    const byDefault = await sqs.receive(url);
    await sqs.send(url, 'message');
    return {
      recieve_message_error_too_large: tooLarge,
      recieve_message_error_too_small: tooSmall,
      empty_short_poll_by_default_resp: byDefault,
      empty_short_poll_explicit_resp: await sqs.receive(url, { WaitTimeSeconds: 0 }),
    };
  }),
  test_too_many_entries_in_batch_request: {
    async run(sqs) {
      const Entries = twenty((index) => ({ Id: `message-${index}`, MessageBody: `messageBody-${index}` }));
      const refused = await sqs.refusal('SendMessageBatch', { QueueUrl: await sqs.queue(), Entries });
      return { test_too_many_entries_in_batch_request: refused };
    },
  },
};

async function attributeFilters(sqs: CaseSqs, field: string): Promise<Answers> {
  const url = await sqs.queue({ VisibilityTimeout: '0' });
  await sqs.send(url, 'msg', { MessageAttributes: { Foo: { DataType: 'String', StringValue: 'Bar' } } });
  return {
    all_attributes: await sqs.receive(url, { [field]: ['All'] }),
    all_system_and_message_attributes: await sqs.receive(url, { [field]: ['All'], MessageAttributeNames: ['All'] }),
    single_attribute: await sqs.receive(url, { [field]: ['SenderId'] }),
    multiple_attributes: await sqs.receive(url, { [field]: ['SenderId', 'SequenceNumber'] }),
  };
}

async function tooLargeBatch(sqs: CaseSqs, operation: string, entry: (index: number) => JsonObject): Promise<Answers> {
  return { error_response: await sqs.refusal(operation, { QueueUrl: await sqs.queue(), Entries: twenty(entry) }) };
}

async function namedAttributes(sqs: CaseSqs): Promise<Answers> {
  const url = await sqs.queue({ VisibilityTimeout: '0' });
  const of = (StringValue: string) => ({ DataType: 'String', StringValue });
  const MessageAttributes = { 'Help.Me': of('Me'), Hello: of('There'), General: of('Kenobi') };
  const named = (MessageAttributeNames: string[]) => sqs.receive(url, { MessageAttributeNames });
  const first = async (names: string[]) => messagesOf(await named(names))[0];
  return {
    send_message_response: await sqs.send(url, 'msg', { MessageAttributes }),
    empty_filter: await named([]),
    all_name: await named(['All']),
    all_wildcard_asterisk: await first(['*']),
    all_wildcard: await first(['.*']),
    only_non_existing_names: await first(['Foo', 'Help']),
    only_existing: await first(['Hello', 'General']),
    existing_and_non_existing: await first(['Foo', 'Hello']),
    prefix_filter: await first(['Hel.*']),
    illegal_name_1: await named(['AWS.']),
    illegal_name_2: await named(['..foo']),
  };
}

async function deadLetters(sqs: CaseSqs): Promise<Answers> {
  const dead = await sqs.queue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 1 });
  const url = await sqs.queue({ RedrivePolicy, VisibilityTimeout: '1' });
  await sqs.send(url, 'message-1', {
    MessageAttributes: { MyAttribute: { DataType: 'String', StringValue: 'foobar' } },
    MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: TRACE_HEADER } },
  });
  await sqs.send(url, 'message-2');
  const names = [
    'ApproximateFirstReceiveTimestamp',
    'ApproximateReceiveCount',
    'SentTimestamp',
    'AWSTraceHeader',
    'DeadLetterQueueSourceArn',
  ];
  const wanted = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: names, MessageAttributeNames: ['All'] };
  const before = messagesOf(await sqs.receive(url, wanted));
  sqs.world.clock.advance(1_000);
  await sqs.receive(url, wanted);
  return {
    'dlq-arn': arnOf(dead),
    'sourcen-arn': arnOf(url),
    'rec-pre-dlq': before,
    'dlq-messages': messagesOf(await sqs.receive(dead, wanted)),
  };
}

async function oversized(sqs: CaseSqs, sizeBytesMax: number): Promise<Answers> {
  const QueueUrl = await sqs.queue({ MaximumMessageSize: String(sizeBytesMax) });
  await sqs.send(QueueUrl, 'a'.repeat(sizeBytesMax));
  const input = { QueueUrl, MessageBody: 'a'.repeat(sizeBytesMax - 7), MessageAttributes: SMALL_ATTRIBUTE };
  return { send_oversized_message: await sqs.refusal('SendMessage', input) };
}

/** A message of exactly `sizeBytes` with its attribute, and a second of one byte. */
const oversizedBatch = (sizeBytes: number) => [
  { Id: '1', MessageBody: 'a'.repeat(sizeBytes - 8), MessageAttributes: SMALL_ATTRIBUTE },
  { Id: '2', MessageBody: 'a' },
];
