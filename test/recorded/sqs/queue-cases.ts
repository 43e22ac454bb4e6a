/** Recorded answers about making, changing and describing queues. */
import type { JsonObject } from 'local-aws/call';
import { ACCOUNT } from 'local-aws/test/sqs/fixture';
import { type Answers, BY_CONTENT, type CaseSqs, FIFO, inferred, type RecordedCase } from './harness';

export const QUEUE_CASES: Readonly<Record<string, RecordedCase>> = {
  test_create_and_update_queue_attributes: {
    async run(sqs) {
      const url = await sqs.queue({
        MessageRetentionPeriod: '604800',
        ReceiveMessageWaitTimeSeconds: '10',
        VisibilityTimeout: '20',
      });
      const before = await sqs.attributes(url);
      await sqs.set(url, { MaximumMessageSize: '2048', VisibilityTimeout: '69', DelaySeconds: '420' });
      return { get_queue_attributes: before, get_updated_queue_attributes: await sqs.attributes(url) };
    },
  },
  test_create_fifo_queue_with_different_attributes_raises_error: {
    async run(sqs) {
      await sqs.queue(BY_CONTENT, 'jobs.fifo');
      const Attributes = { ...FIFO, ContentBasedDeduplication: 'false' };
      return { 'queue-already-exists': await sqs.refusal('CreateQueue', { QueueName: 'jobs.fifo', Attributes }) };
    },
  },
  test_create_queue_with_different_attributes_raises_exception: {
    async run(sqs) {
      const delayed = (DelaySeconds: string) => ({ ReceiveMessageWaitTimeSeconds: '1', DelaySeconds });
      const again = (DelaySeconds: string) =>
        sqs.refusal('CreateQueue', { QueueName: 'jobs', Attributes: delayed(DelaySeconds) });
      const url = await sqs.queue(delayed('1'), 'jobs');
      const first = await again('2');
      await sqs.set(url, { DelaySeconds: '2' });
      await sqs.queue(delayed('2'), 'jobs');
      return { create_queue_01: first, create_queue_02: await again('1') };
    },
  },
  test_create_standard_queue_with_fifo_attribute_raises_error: inferred((sqs) =>
    refusedAttributes(sqs, {
      'invalid-attribute-fifo-queue': { FifoQueue: 'false' },
      'invalid-attribute-content-based-deduplication': { ContentBasedDeduplication: 'false' },
      'invalid-attribute-deduplication-scope': { DeduplicationScope: 'queue' },
      'invalid-attribute-throughput-limit': { FifoThroughputLimit: 'perQueue' },
    }),
  ),
  test_set_queue_attributes_default_values: inferred(async (sqs) => {
    const url = await sqs.queue();
    const initial = await sqs.attributes(url);
    await sqs.set(url, { KmsMasterKeyId: 'testKeyId', KmsDataKeyReusePeriodSeconds: '6000' });
    const updated = await sqs.attributes(url);
    await sqs.set(url, { KmsMasterKeyId: '', KmsDataKeyReusePeriodSeconds: '' });
    return {
      'get-queue-attributes-initial-values': initial,
      'get-queue-attributes-after-update': updated,
      'get-queue-attributes-after-set-to-defaults': await sqs.attributes(url),
    };
  }),
  test_set_unsupported_attribute_fifo: {
    async run(sqs) {
      const set = async (QueueUrl: string, FifoQueue: string) =>
        sqs.refusal('SetQueueAttributes', { QueueUrl, Attributes: { FifoQueue } });
      return {
        'invalid-attr-name-1': await set(await sqs.queue(), 'true'),
        'invalid-attr-name-2': await set(await sqs.queue(FIFO), 'false'),
      };
    },
  },
  test_set_unsupported_attribute_standard: inferred(async (sqs) => {
    const QueueUrl = await sqs.queue();
    const set = (FifoQueue: string) => sqs.refusal('SetQueueAttributes', { QueueUrl, Attributes: { FifoQueue } });
    return { 'invalid-attr-name-1': await set('true'), 'invalid-attr-name-2': await set('false') };
  }),
  test_sqs_permission_lifecycle: { run: permissions },
  test_sse_kms_and_sqs_are_mutually_exclusive: {
    async run(sqs) {
      const Attributes = { KmsMasterKeyId: 'testKeyId', SqsManagedSseEnabled: 'true' };
      const { Error: refused } = await sqs.refusal('SetQueueAttributes', { QueueUrl: await sqs.queue(), Attributes });
      return {
        error: `An error occurred (${refused.Code}) when calling the SetQueueAttributes operation: ${refused.Message}`,
      };
    },
  },
  test_sse_queue_attributes: {
    async run(sqs) {
      const names = ['KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled'];
      const byKms = await sqs.queue();
      await sqs.set(byKms, {
        KmsMasterKeyId: 'testKeyId',
        KmsDataKeyReusePeriodSeconds: '6000',
        SqsManagedSseEnabled: 'false',
      });
      const bySqs = await sqs.queue();
      await sqs.set(bySqs, { SqsManagedSseEnabled: 'true' });
      return {
        sse_kms_attributes: await sqs.attributes(byKms, ...names),
        sse_sqs_attributes: await sqs.attributes(bySqs, ...names),
      };
    },
  },
  test_successive_purge_calls_fail: {
    async run(sqs) {
      const QueueUrl = await sqs.queue();
      await sqs.answer('PurgeQueue', { QueueUrl });
      return { purge_queue_error: await sqs.refusal('PurgeQueue', { QueueUrl }) };
    },
  },
  test_tag_untag_queue: {
    async run(sqs) {
      const QueueUrl = await sqs.queue();
      await sqs.answer('TagQueue', { QueueUrl, Tags: { tag1: 'value1', tag2: 'value2', tag3: '' } });
      const tags = () => sqs.answer('ListQueueTags', { QueueUrl });
      const all = await tags();
      await sqs.answer('UntagQueue', { QueueUrl, TagKeys: ['tag1', 'tag3'] });
      const one = await tags();
      await sqs.answer('UntagQueue', { QueueUrl, TagKeys: ['tag2'] });
      return { 'get-tag-1': all, 'get-tag-2': one, 'get-tag-after-untag': await tags() };
    },
  },
};

async function refusedAttributes(sqs: CaseSqs, given: Readonly<Record<string, JsonObject>>): Promise<Answers> {
  const answers: Answers = {};
  for (const [label, Attributes] of Object.entries(given)) {
    answers[label] = await sqs.refusal('CreateQueue', { QueueName: 'standard', Attributes });
  }
  return answers;
}

async function permissions(sqs: CaseSqs): Promise<Answers> {
  const QueueUrl = await sqs.queue();
  const add = (Label: string, ...AWSAccountIds: string[]) => ({
    QueueUrl,
    Label,
    AWSAccountIds,
    Actions: ['ReceiveMessage'],
  });
  const policy = () => sqs.attributes(QueueUrl, 'Policy');
  const [one, two] = ['crossaccountpermission', 'crossaccountpermission2'];
  const answers: Answers = {};
  answers['add-permission-response'] = await sqs.answer('AddPermission', add(one, '668614515564', ACCOUNT));
  answers['get-queue-policy-attribute'] = await policy();
  answers['remove-permission-response'] = await sqs.answer('RemovePermission', { QueueUrl, Label: one });
  answers['get-queue-policy-attribute-after-removal'] = await policy();
  await sqs.answer('AddPermission', add(one, ACCOUNT));
  answers['get-queue-policy-attribute-first-account-same-label'] = await policy();
  answers['get-queue-policy-attribute-second-account-same-label'] = await sqs.refusal(
    'AddPermission',
    add(one, '668614515564'),
  );
  await sqs.answer('AddPermission', add(two, ACCOUNT));
  answers['get-queue-policy-attribute-second-account-different-label'] = await policy();
  await sqs.answer('RemovePermission', { QueueUrl, Label: one });
  answers['get-queue-policy-attribute-delete-first-permission'] = await policy();
  await sqs.answer('RemovePermission', { QueueUrl, Label: two });
  answers['get-queue-policy-attribute-delete-second-permission'] = await policy();
  const gone = await sqs.refusal('RemovePermission', { QueueUrl, Label: two });
  answers['get-queue-policy-attribute-delete-non-existent-label'] = gone;
  return answers;
}
