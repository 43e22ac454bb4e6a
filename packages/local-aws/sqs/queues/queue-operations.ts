/** Making, finding, changing and deleting queues, as SQS's API has it. */
import type { Call, JsonObject } from '../../call';
import { queueOf, requirePermission, type Sqs, settled } from '../context';
import { invalidValue, sqsError, unknownAttribute } from '../errors';
import { integer, requiredText, text, textMap, texts } from '../input';
import {
  type Attributes,
  attributeOf,
  changedAttributes,
  isSetting,
  readRedrivePolicy,
  shownSettings,
} from './attributes';
import { checkName, isFifoName, type Queue, type QueueBook, type QueueRow, queueArn, queueUrl } from './queues';

/** Source: CreateQueue and PurgeQueue in the SQS API reference. */
const RECREATE_AFTER_MS = 60_000;
const PURGE_AGAIN_AFTER_MS = 60_000;

/** Source: ListQueues in the SQS API reference: 1,000 when `MaxResults` is left out. */
const LISTED_MAX = 1_000;

export function queueOperations(sqs: Sqs) {
  const { book, world, iam } = sqs;
  const urlOf = (row: QueueRow) => queueUrl(sqs.origin(), row);

  function page(call: Call, field: string, rows: readonly QueueRow[]): JsonObject {
    const size = integer(call.input, 'MaxResults') ?? LISTED_MAX;
    const token = text(call.input, 'NextToken');
    const after = token === undefined ? '' : Buffer.from(token, 'base64').toString();
    const rest = rows.toSorted((a, b) => (a.name < b.name ? -1 : 1)).filter(({ name }) => name > after);
    const shown = rest.slice(0, size);
    const last = rest.length > size ? shown.at(-1) : undefined;
    return {
      [field]: shown.length > 0 ? shown.map(urlOf) : undefined,
      NextToken: last && Buffer.from(last.name).toString('base64'),
    };
  }

  return {
    CreateQueue(call: Call) {
      const name = requiredText(call.input, 'QueueName');
      const given = textMap(call.input, 'Attributes') ?? {};
      checkName(name, given['FifoQueue'] === 'true');
      const arn = queueArn({ ...call.caller, region: call.region }, name);
      const resourceAccountId = call.caller.accountId;
      iam.require(call.caller, { action: 'sqs:CreateQueue', resource: arn, resourceAccountId });
      const existing = book.find(arn);
      if (existing !== undefined) {
        checkSame(existing, given);
        return { QueueUrl: urlOf(existing.row) };
      }
      checkNotDeletedRecently(book, arn, world.clock.now());
      const attributes = changedAttributes({}, given, isFifoName(name));
      checkRedrive(book, attributes, isFifoName(name));
      const now = world.clock.now();
      const row: QueueRow = {
        arn,
        name,
        accountId: call.caller.accountId,
        region: call.region,
        createdAt: now,
        modifiedAt: now,
        attributes,
        tags: textMap(call.input, 'tags') ?? {},
      };
      book.put(row);
      return { QueueUrl: urlOf(row) };
    },

    GetQueueUrl(call: Call) {
      const accountId = text(call.input, 'QueueOwnerAWSAccountId') ?? call.caller.accountId;
      const queue = book.get(queueArn({ accountId, region: call.region }, requiredText(call.input, 'QueueName')));
      requirePermission(sqs, call.caller, queue, call.operation);
      return { QueueUrl: urlOf(queue.row) };
    },

    ListQueues(call: Call) {
      const { accountId } = call.caller;
      iam.require(call.caller, { action: 'sqs:ListQueues', resource: '*', resourceAccountId: accountId });
      const prefix = text(call.input, 'QueueNamePrefix') ?? '';
      const isListed = (row: QueueRow) =>
        row.accountId === accountId && row.region === call.region && row.name.startsWith(prefix);
      return page(call, 'QueueUrls', [...book.all()].filter(isListed));
    },

    ListDeadLetterSourceQueues(call: Call) {
      const { row: target } = queueOf(sqs, call);
      const isSource = (row: QueueRow) => redriveTarget(row.attributes) === target.arn;
      return page(call, 'queueUrls', [...book.all()].filter(isSource));
    },

    DeleteQueue(call: Call) {
      const queue = queueOf(sqs, call);
      book.delete(queue);
      sqs.polls.wake(queue.row.arn);
      return {};
    },

    PurgeQueue(call: Call) {
      const { row, messageStore, deduplication } = queueOf(sqs, call);
      const now = world.clock.now();
      if (row.purgedAt !== undefined && now < row.purgedAt + PURGE_AGAIN_AFTER_MS) {
        const message = `Only one PurgeQueue operation on ${row.name} is allowed every 60 seconds.`;
        throw sqsError('PurgeQueueInProgress', message);
      }
      world.store.together(() => {
        messageStore.purge();
        deduplication.forgetAll();
        book.put({ ...row, purgedAt: now });
      });
      return {};
    },

    GetQueueAttributes(call: Call) {
      const queue = settled(queueOf(sqs, call));
      const wanted = texts(call.input, 'AttributeNames');
      const shown: Attributes = { ...shownSettings(queue.row.attributes, queue.isFifo), ...factsOf(queue) };
      for (const name of wanted) {
        if (name !== 'All' && !Object.hasOwn(shown, name) && !isSetting(name, queue.isFifo))
          throw unknownAttribute(name);
      }
      const isWanted = ([name]: [string, string]) => wanted.includes('All') || wanted.includes(name);
      const answered = Object.fromEntries(Object.entries(shown).filter(isWanted));
      return { Attributes: Object.keys(answered).length > 0 ? answered : undefined };
    },

    SetQueueAttributes(call: Call) {
      const { row, isFifo } = queueOf(sqs, call);
      const attributes = changedAttributes(row.attributes, textMap(call.input, 'Attributes') ?? {}, isFifo);
      checkRedrive(book, attributes, isFifo);
      book.put({ ...row, attributes, modifiedAt: world.clock.now() });
      return {};
    },

    TagQueue(call: Call) {
      const { row } = queueOf(sqs, call);
      book.put({ ...row, tags: { ...row.tags, ...textMap(call.input, 'Tags') } });
      return {};
    },

    UntagQueue(call: Call) {
      const { row } = queueOf(sqs, call);
      const gone = texts(call.input, 'TagKeys');
      const tags = Object.fromEntries(Object.entries(row.tags).filter(([key]) => !gone.includes(key)));
      book.put({ ...row, tags });
      return {};
    },

    ListQueueTags(call: Call) {
      const { tags } = queueOf(sqs, call).row;
      return { Tags: Object.keys(tags).length > 0 ? tags : undefined };
    },
  };
}

/** What a queue's attributes tell beside its settings. Counts are exact here, approximate on AWS. */
function factsOf({ row, messageStore: { counts } }: Queue): Attributes {
  const seconds = (ms: number) => String(Math.floor(ms / 1_000));
  return {
    QueueArn: row.arn,
    CreatedTimestamp: seconds(row.createdAt),
    LastModifiedTimestamp: seconds(row.modifiedAt),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
  };
}

/** A queue may be created again with the attributes that it has. Recorded from AWS. */
function checkSame({ row }: Queue, given: Attributes) {
  for (const [name, value] of Object.entries(given)) {
    if ((attributeOf(row.attributes, name) ?? '') === value) continue;
    const message = `A queue already exists with the same name and a different value for attribute ${name}`;
    throw sqsError('QueueNameExists', message);
  }
}

function checkNotDeletedRecently(book: QueueBook, arn: string, now: number) {
  const deletedAt = book.deletedAt(arn);
  if (deletedAt === undefined || now >= deletedAt + RECREATE_AFTER_MS) return;
  const message = 'You must wait 60 seconds after deleting a queue before you can create another with the same name.';
  throw sqsError('QueueDeletedRecently', message);
}

/** The dead-letter queue exists and is of the same type. Source: "Dead-letter queues" in the SQS developer guide. */
function checkRedrive(book: QueueBook, attributes: Attributes, isFifo: boolean) {
  const policy = attributeOf(attributes, 'RedrivePolicy');
  if (policy === undefined) return;
  const target = book.find(readRedrivePolicy(policy).deadLetterTargetArn);
  if (target === undefined) throw invalidValue(policy, 'RedrivePolicy', 'Dead letter target does not exist.');
  if (target.isFifo !== isFifo) {
    const reason = 'Dead-letter queue must be same type of queue as the source.';
    throw invalidValue(policy, 'RedrivePolicy', reason);
  }
}

function redriveTarget(attributes: Attributes): string | undefined {
  const policy = attributeOf(attributes, 'RedrivePolicy');
  return policy === undefined ? undefined : readRedrivePolicy(policy).deadLetterTargetArn;
}
