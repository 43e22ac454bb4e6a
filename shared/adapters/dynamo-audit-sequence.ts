/**
 * The order of audit entries, in the control table.
 *
 * | pk                                     | what                                                                  |
 * |----------------------------------------|-----------------------------------------------------------------------|
 * | `audit-head#<customer>`                | how far the log is: size, integrated, rootHash, revision              |
 * | `audit-mark#<customer>#<dedupe key>`   | nothing: that it is there says that the key has an entry. Kept forever |
 * | `audit-batch#<customer>#<first index>` | entries that are not in the log's files yet, as a bundle              |
 *
 * What is read says in `self` where it is kept: a copy of another customer's is not used. None of them has an attribute of
 * the table's indexes, which would otherwise hold a second copy of each.
 */
import { randomUUID } from 'node:crypto';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { bundleOf, entriesOf } from '../domain/audit/log/layout';
import type { AuditHead, AuditSequence } from '../domain/audit/log/ports';
import { EMPTY_ROOT } from '../domain/audit/log/tree-hashes';
import { KeywrightError } from '../domain/errors';
import { transactionOf } from './dynamo-control-store';
import { askDynamo } from './dynamo-errors';
import { misplaced } from './misplaced-row';

/** BatchGetItem takes 100 keys. Source: DynamoDB API reference. */
const KEYS_A_CALL = 100;
/** DynamoDB gives keys back unprocessed while it throttles; the client's own retries do not see that. */
const CALLS_MAX = 10;

type Actions = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** The order of entries in the control table. @param nowMs Epoch milliseconds, for the expiry of facts. */
export function dynamoAuditSequence(
  client: DynamoDBDocumentClient,
  tableName: string,
  nowMs: () => number = Date.now,
): AuditSequence {
  const find = async (pk: string) => {
    const get = new GetCommand({ TableName: tableName, Key: { pk }, ConsistentRead: true });
    const { Item: item } = await askDynamo({ pk }, () => client.send(get));
    if (item && item['self'] !== pk) throw misplaced(pk);
    return item;
  };

  const transact = async (customerId: string, actions: Actions) => {
    // The token makes the client's own repeats of this one attempt safe. A later attempt reads again and decides anew.
    const write = new TransactWriteCommand({ TransactItems: actions, ClientRequestToken: randomUUID() });
    await askDynamo({ customerId }, () => client.send(write));
  };

  const put = (item: Readonly<Record<string, unknown>>) => ({
    Put: { TableName: tableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });

  const putHead = ({ customerId, size, integrated, rootHash, revision }: AuditHead) => ({
    Put: {
      TableName: tableName,
      Item: { ...namedItem(headKey(customerId)), size, integrated, rootHash, revision },
      ConditionExpression: revision === 1 ? 'attribute_not_exists(pk)' : 'revision = :read',
      ...(revision > 1 && { ExpressionAttributeValues: { ':read': revision - 1 } }),
    },
  });

  return {
    async head(customerId) {
      const item = await find(headKey(customerId));
      if (item === undefined) return { customerId, size: 0, integrated: 0, rootHash: EMPTY_ROOT, revision: 0 };
      const { size, integrated, rootHash, revision } = item as Omit<AuditHead, 'customerId'>;
      return { customerId, size, integrated, rootHash, revision };
    },

    async known(customerId, dedupeKeys) {
      const prefix = markKey(customerId, '');
      const known = new Set<string>();
      let asked = [...new Set(dedupeKeys)].map((key) => ({ pk: prefix + key }));
      for (let call = 0; asked.length > 0; call++) {
        if (call >= CALLS_MAX + dedupeKeys.length / KEYS_A_CALL) throw throttled(customerId);
        const keys = asked.slice(0, KEYS_A_CALL);
        const get = { [tableName]: { Keys: keys, ConsistentRead: true, ProjectionExpression: 'pk' } };
        const page = await askDynamo({ customerId }, () => client.send(new BatchGetCommand({ RequestItems: get })));
        for (const { pk } of page.Responses?.[tableName] ?? []) known.add(String(pk).slice(prefix.length));
        const refused = page.UnprocessedKeys?.[tableName]?.Keys ?? [];
        asked = [...refused.map(({ pk }) => ({ pk: String(pk) })), ...asked.slice(KEYS_A_CALL)];
      }
      return known;
    },

    async sequence(head, entries) {
      const { customerId } = head;
      const next = { ...head, size: head.size + entries.length, revision: head.revision + 1 };
      await transact(customerId, [
        putHead(next),
        put({ ...namedItem(batchKey(customerId, head.size)), entries: bundleOf(entries.map(({ bytes }) => bytes)) }),
        ...entries.flatMap(({ dedupeKeys }) => dedupeKeys.map((key) => put({ pk: markKey(customerId, key) }))),
      ]);
      return next;
    },

    async batch(customerId, firstIndex) {
      const item = await find(batchKey(customerId, firstIndex));
      return item && { firstIndex, entries: entriesOf(item['entries']) };
    },

    async settle(head, integrated, fact) {
      const { size, rootHash, batches } = integrated;
      const next = { ...head, integrated: size, rootHash, revision: head.revision + 1 };
      await transact(head.customerId, [
        putHead(next),
        ...batches.map((firstIndex) => ({
          Delete: { TableName: tableName, Key: { pk: batchKey(head.customerId, firstIndex) } },
        })),
        ...transactionOf({ writes: [], facts: [fact] }, tableName, nowMs()),
      ]);
      return next;
    },
  };
}

const namedItem = (pk: string) => ({ pk, self: pk });

const headKey = (customerId: string) => `audit-head#${encodeURIComponent(customerId)}`;
const markKey = (customerId: string, key: string) => `audit-mark#${encodeURIComponent(customerId)}#${key}`;
const batchKey = (customerId: string, firstIndex: number) =>
  `audit-batch#${encodeURIComponent(customerId)}#${String(firstIndex).padStart(16, '0')}`;

const throttled = (customerId: string) =>
  new KeywrightError('store.unreachable', 'DynamoDB kept giving keys back unread. Try again.', { customerId });
