/** The queues there are: their rows, names, addresses and policies. */
import type { EngineDeps, PolicyDocument } from '../../contracts';
import { invalidValue, sqsError } from '../errors';
import { type Deduplication, openDeduplication } from '../messages/deduplication';
import { type MessageStore, openMessageStore } from '../messages/message-store';
import { type Attributes, attributeOf } from './attributes';

export interface QueueRow {
  readonly arn: string;
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly purgedAt?: number;
  /** Only what was set; `attributeOf` knows the defaults. */
  readonly attributes: Attributes;
  readonly tags: Readonly<Record<string, string>>;
}

/** A queue with its messages. `row` is the row of the moment the queue was looked up. */
export interface Queue {
  readonly row: QueueRow;
  readonly isFifo: boolean;
  readonly messageStore: MessageStore;
  readonly deduplication: Deduplication;
}

/** Where a request looks for queues when an address does not say: whose call it is, and in which region. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
}

export interface QueueBook {
  find(arn: string): Queue | undefined;
  /** Throws QueueDoesNotExist. */
  get(arn: string): Queue;
  put(row: QueueRow): void;
  /** Removes the queue and all that is in it. */
  delete(queue: Queue): void;
  deletedAt(arn: string): number | undefined;
  all(): IterableIterator<QueueRow>;
}

export function queueBook(world: EngineDeps): QueueBook {
  const rows = world.store.table<QueueRow>('sqs/queues');
  const deletions = world.store.table<number>('sqs/deleted-queues');
  const contents = new Map<string, Pick<Queue, 'messageStore' | 'deduplication'>>();

  /** Messages are read from the store when the queue is first used. */
  function contentsOf(arn: string) {
    const known = contents.get(arn);
    if (known !== undefined) return known;
    const opened = {
      messageStore: openMessageStore(world.store, arn, world.clock.now),
      deduplication: openDeduplication(world.store, arn, world.clock.now),
    };
    contents.set(arn, opened);
    return opened;
  }

  function find(arn: string): Queue | undefined {
    const row = rows.get(arn);
    return row && { row, isFifo: isFifoName(row.name), ...contentsOf(arn) };
  }

  return {
    find,
    get(arn) {
      const queue = find(arn);
      if (queue === undefined) throw sqsError('QueueDoesNotExist', 'The specified queue does not exist.');
      return queue;
    },
    put: (row) => rows.set(row.arn, row),
    delete({ row, messageStore, deduplication }) {
      world.store.together(() => {
        messageStore.purge();
        deduplication.forgetAll();
        rows.delete(row.arn);
        deletions.set(row.arn, world.clock.now());
      });
      contents.delete(row.arn);
    },
    deletedAt: (arn) => deletions.get(arn),
    all: () => rows.values(),
  };
}

export function queueArn({ accountId, region }: Place, name: string): string {
  return `arn:aws:sqs:${region}:${accountId}:${name}`;
}

export function queueUrl(origin: string, row: QueueRow): string {
  return `${origin}/${row.accountId}/${row.name}`;
}

/** The ARN that a request's `QueueUrl` stands for. AWS also takes a bare queue name of the caller's own account. */
export function arnOfAddress(address: string, place: Place): string {
  const [name = '', accountId = place.accountId] = address
    .replace(/^https?:\/\/[^/]*\//, '')
    .split('/')
    .reverse();
  if (!/^\d{12}$/.test(accountId) || name === '') {
    throw sqsError('InvalidAddress', `The address ${address} is not valid for this endpoint.`);
  }
  return queueArn({ accountId, region: place.region }, name);
}

export function isFifoName(name: string): boolean {
  return name.endsWith('.fifo');
}

/** Throws AwsError for a name that AWS would refuse. Texts as of 2024; the FIFO one is unconfirmed. */
export function checkName(name: string, wantsFifo: boolean) {
  const isFifo = isFifoName(name);
  const stem = isFifo ? name.slice(0, -'.fifo'.length) : name;
  const isPlain = /^[A-Za-z0-9_-]+$/.test(stem) && name.length <= 80;
  if (wantsFifo && !(isFifo && isPlain)) {
    const reason =
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.';
    throw invalidValue(name, 'QueueName', reason);
  }
  if (isFifo !== wantsFifo || !isPlain) {
    const reason = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
    throw invalidValue(name, 'QueueName', reason);
  }
}

const policies = new WeakMap<QueueRow, PolicyDocument>();

/** The queue's resource policy, read once for each row. */
export function policyOf(row: QueueRow): PolicyDocument | undefined {
  const text = attributeOf(row.attributes, 'Policy');
  if (text === undefined) return undefined;
  const policy = policies.get(row) ?? (JSON.parse(text) as PolicyDocument);
  policies.set(row, policy);
  return policy;
}
