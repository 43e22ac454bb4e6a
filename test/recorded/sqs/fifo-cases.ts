/** Recorded answers about FIFO queues and message groups. */
import {
  type Answers,
  BY_CONTENT,
  type CaseSqs,
  FIFO,
  HIGH_THROUGHPUT,
  handleOf,
  inferred,
  type RecordedCase,
} from './harness';

export const FIFO_CASES: Readonly<Record<string, RecordedCase>> = {
  test_fair_queue_with_message_group_id: inferred(async (sqs) => {
    const url = await sqs.queue();
    const sent = await sqs.send(url, 'message', { MessageGroupId: 'test' });
    return {
      send_message: sent,
      'get-message-with-deduplication-id': await sqs.receive(url, { AttributeNames: ['All'] }),
    };
  }),
  test_fifo_change_to_high_throughput_after_creation: inferred(changedToHighThroughput),
  test_fifo_change_to_regular_throughput_after_creation: inferred(changedToRegularThroughput),
  test_fifo_deduplication_arrives_once_after_delete: { run: arrivesOnce },
  test_fifo_deduplication_not_on_message_group_id: {
    async run(sqs) {
      const url = await sqs.queue(BY_CONTENT);
      await sqs.send(url, '{"foo": "bar"}', { MessageGroupId: 'group-1' });
      await sqs.send(url, '{"foo": "bar"}', { MessageGroupId: 'group-2' });
      return { 'get-messages': await sqs.receive(url), 'get-dedup-messages': await sqs.receive(url) };
    },
  },
  test_fifo_delete_after_visibility_timeout: inferred(async (sqs) => {
    const { named, ...answers } = await deleteAfterTimeout(sqs, { isExtended: false });
    return { ...answers, delete_after_timeout_fifo: await sqs.refusal('DeleteMessage', named) };
  }),
  test_fifo_delete_after_visibility_timeout_extended: inferred(async (sqs) => {
    const { named, ...answers } = await deleteAfterTimeout(sqs, { isExtended: true });
    return { ...answers, delete_after_timeout_fifo_extended: await sqs.answer('DeleteMessage', named) };
  }),
  test_fifo_empty_message_groups_added_back_to_queue: inferred(async (sqs) => {
    const url = await sqs.queue(BY_CONTENT);
    await sqs.send(url, 'Message 1', { MessageGroupId: 'g' });
    const first = await sqs.receive(url);
    await sqs.answer('DeleteMessage', { QueueUrl: url, ReceiptHandle: handleOf(first) });
    const empty = await sqs.receive(url);
    await sqs.send(url, 'Message 2', { MessageGroupId: 'g' });
    return { 'inital-fifo-receive': first, 'empty-fifo-receive': empty, 'final-fifo-receive': await sqs.receive(url) };
  }),
  test_fifo_group_visibility_extends_with_change_message_visibility: inferred(groupVisibility),
  test_fifo_high_throughput_ordering: inferred(async (sqs) =>
    sameIdInTwoGroups(sqs, await sqs.queue({ ...FIFO, ...HIGH_THROUGHPUT }), ['Test1', 'Test2']),
  ),
  test_fifo_message_attributes: {
    async run(sqs) {
      const url = await sqs.queue({ ...BY_CONTENT, ...HIGH_THROUGHPUT, VisibilityTimeout: '0' });
      const sent = await sqs.send(url, 'message-body-1', {
        MessageGroupId: 'group-1',
        MessageDeduplicationId: 'dedup-1',
      });
      const receive = () => sqs.receive(url, { AttributeNames: ['All'], WaitTimeSeconds: 10 });
      return { send_message: sent, receive_message_0: await receive(), receive_message_1: await receive() };
    },
  },
  test_fifo_queue_send_message_with_delay_seconds_fails: {
    async run(sqs) {
      const input = {
        QueueUrl: await sqs.queue(BY_CONTENT),
        MessageBody: 'message-1',
        MessageGroupId: '1',
        DelaySeconds: 2,
      };
      return { send_message: await sqs.refusal('SendMessage', input) };
    },
  },
  test_fifo_queue_send_message_with_zero_delay_defaults_to_queue_delay: inferred(async (sqs) => {
    const url = await sqs.queue({ ...BY_CONTENT, DelaySeconds: '2' });
    const sent = await sqs.send(url, 'message-1', { MessageGroupId: '1', DelaySeconds: 0 });
    const initial = await sqs.receive(url);
    sqs.world.clock.advance(2_000);
    return {
      send_message_result: sent,
      receive_message_initial_result: initial,
      receive_message_after_delay_result: await sqs.receive(url),
    };
  }),
  test_fifo_set_content_based_deduplication_strategy: {
    async run(sqs) {
      const url = await sqs.queue({ ...BY_CONTENT, SqsManagedSseEnabled: 'true' });
      const before = await sqs.attributes(url);
      await sqs.set(url, { ContentBasedDeduplication: 'false' });
      return { 'before-update': before, 'after-update': await sqs.attributes(url) };
    },
  },
  test_message_deduplication_id_invalid: inferred(async (sqs) => {
    const input = {
      QueueUrl: await sqs.queue(FIFO),
      MessageBody: 'x',
      MessageGroupId: 'g',
      MessageDeduplicationId: 'group 123',
    };
    return { 'error-response': await sqs.refusal('SendMessage', input) };
  }),
  test_posting_to_fifo_requires_deduplicationid_group_id: {
    async run(sqs) {
      const named = { QueueUrl: await sqs.queue(FIFO), MessageBody: 'test' };
      const withoutId = await sqs.refusal('SendMessage', { ...named, MessageGroupId: 'g' });
      const withoutGroup = await sqs.refusal('SendMessage', { ...named, MessageDeduplicationId: 'd' });
      return {
        'invalid-parameter-value': withoutId,
        'missing-parameter': withoutGroup,
        'invalid-parameter-value-query': withoutId,
        'missing-parameter-query': withoutGroup,
      };
    },
  },
  test_send_batch_missing_deduplication_id_for_fifo_queue: {
    run: (sqs) => incompleteFifoBatch(sqs, 'MessageDeduplicationId', 'test_missing_deduplication_id_for_fifo_queue'),
  },
  test_send_batch_missing_message_group_id_for_fifo_queue: {
    run: (sqs) => incompleteFifoBatch(sqs, 'MessageGroupId', 'test_missing_message_group_id_for_fifo_queue'),
  },
  test_send_message_to_standard_queue_with_invalid_message_group_id: inferred(async (sqs) => ({
    'error-response': await sqs.refusal('SendMessage', {
      QueueUrl: await sqs.queue(),
      MessageBody: 'x',
      MessageGroupId: 'group 123',
    }),
  })),
  test_sqs_fifo_message_group_scope_no_throughput_setting: inferred(async (sqs) =>
    sameIdInTwoGroups(sqs, await sqs.queue({ ...FIFO, DeduplicationScope: 'messageGroup' }), ['Test', 'Test']),
  ),
  test_sqs_fifo_same_dedup_id_different_message_groups: inferred(async (sqs) =>
    sameIdInTwoGroups(sqs, await sqs.queue(FIFO), ['Test', 'Test']),
  ),
};

/** Sends the same deduplication id to two message groups, receiving and deleting after each. */
async function sameIdInTwoGroups(sqs: CaseSqs, url: string, [first, second]: readonly [string, string]) {
  const receiveAndDelete = async (body: string, MessageGroupId: string) => {
    await sqs.send(url, body, { MessageGroupId, MessageDeduplicationId: '1' });
    const received = await sqs.receive(url);
    if (handleOf(received)) await sqs.answer('DeleteMessage', { QueueUrl: url, ReceiptHandle: handleOf(received) });
    return received;
  };
  return {
    'same-dedup-different-grp-1': await receiveAndDelete(first, 'g1'),
    'same-dedup-different-grp-2': await receiveAndDelete(second, 'g2'),
  };
}

async function arrivesOnce(sqs: CaseSqs): Promise<Answers> {
  const url = await sqs.queue(BY_CONTENT);
  const send = () => sqs.send(url, '{"foo": "bar"}', { MessageGroupId: 'group-1' });
  await send();
  const received = await sqs.receive(url);
  await sqs.answer('DeleteMessage', { QueueUrl: url, ReceiptHandle: handleOf(received) });
  await send();
  return { 'get-messages': received, 'get-messages-duplicate': await sqs.receive(url) };
}

async function deleteAfterTimeout(sqs: CaseSqs, { isExtended }: { readonly isExtended: boolean }) {
  const url = await sqs.queue({ ...BY_CONTENT, VisibilityTimeout: '2' });
  await sqs.send(url, 'foobar', { MessageGroupId: 'g' });
  const received = await sqs.receive(url);
  const named = { QueueUrl: url, ReceiptHandle: handleOf(received) };
  if (isExtended) await sqs.answer('ChangeMessageVisibility', { ...named, VisibilityTimeout: 10 });
  sqs.world.clock.advance(3_000);
  return { received_sqs_message: received, named };
}

async function groupVisibility(sqs: CaseSqs, parameter: string): Promise<Answers> {
  const url = await sqs.queue(BY_CONTENT);
  for (const body of ['foo', 'bar', 'baz']) await sqs.send(url, body, { MessageGroupId: 'g' });
  const received = await sqs.receive(url, { MaxNumberOfMessages: 10 });
  const extended = { '1-invisible': 1, '2-visible': 2 }[parameter];
  if (extended !== undefined) {
    const named = { QueueUrl: url, ReceiptHandle: handleOf(received, extended) };
    await sqs.answer('ChangeMessageVisibility', { ...named, VisibilityTimeout: 60 });
  }
  sqs.world.clock.advance(30_000);
  return {
    receive_all_messages: received,
    'some-messages-invisible': await sqs.receive(url, { MaxNumberOfMessages: 2 }),
  };
}

async function changedToHighThroughput(sqs: CaseSqs): Promise<Answers> {
  const url = await sqs.queue(FIFO);
  const trial = async (body: string, MessageGroupId: string, MessageDeduplicationId: string) => {
    await sqs.send(url, body, { MessageGroupId, MessageDeduplicationId });
    return sqs.receive(url);
  };
  const answers: Answers = {
    'same-dedup-different-grp-1': await trial('Test1', 'g1', 'd1'),
    'same-dedup-different-grp-2': await trial('Test2', 'g2', 'd1'),
  };
  await sqs.set(url, HIGH_THROUGHPUT);
  sqs.world.clock.advance(30_000);
  await sqs.answer('DeleteMessage', { QueueUrl: url, ReceiptHandle: handleOf(await sqs.receive(url)) });
  answers['set-to-high-throughput'] = await sqs.attributes(url);
  answers['same-dedup-different-grp-high-throughput'] = await trial('Test3', 'g1', 'd1');
  answers['same-dedup-different-grp-high-throughput-2'] = await trial('Test3', 'g2', 'd1');
  answers['new-dedup2-high-throughput'] = await trial('Test4', 'g1', 'd2');
  answers['same-dedup2-high-throughput'] = await trial('Test4', 'g1', 'd2');
  return answers;
}

async function changedToRegularThroughput(sqs: CaseSqs): Promise<Answers> {
  const url = await sqs.queue({ ...FIFO, ...HIGH_THROUGHPUT });
  const answers: Answers = await sameIdInTwoGroups(sqs, url, ['Test1', 'Test2']);
  await sqs.set(url, { DeduplicationScope: 'queue', FifoThroughputLimit: 'perQueue' });
  answers['set-to-regular-throughput'] = await sqs.attributes(url);
  await sqs.send(url, 'Test3', { MessageGroupId: 'g2', MessageDeduplicationId: '1' });
  answers['same-dedup-different-grp-regular-throughput'] = await sqs.receive(url);
  return answers;
}

async function incompleteFifoBatch(sqs: CaseSqs, without: 'MessageGroupId' | 'MessageDeduplicationId', label: string) {
  const whole = (Id: string) => ({
    Id,
    MessageBody: 'messageBody',
    MessageGroupId: 'test-group',
    MessageDeduplicationId: Id,
  });
  const { [without]: _, ...incomplete } = whole('second');
  const input = { QueueUrl: await sqs.queue(FIFO), Entries: [whole('first'), incomplete] };
  return { [label]: await sqs.refusal('SendMessageBatch', input) };
}
