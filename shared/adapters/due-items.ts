/** What is due, read from the control table's index of it. */
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { CONTROL_INDEXES, DUE_SHARDS, duePartition } from './control-table';
import { storeError } from './dynamo-errors';

type Item = Record<string, unknown>;

/** The index holds whatever names a place in it, whoever wrote that: so much of it is read for what belongs there. */
const PAGES_MAX = 10;
/** Items of a page after the first. */
const PAGE = 500;

export interface DueOf {
  readonly of: string;
  readonly now: string;
  readonly limit: number;
  /** One partition; all of them where it is left out. */
  readonly part?: number;
  /** Whether an item belongs among what is due of this kind. */
  isInPlace(item: Item): boolean;
  /** Told the key of every item on the way that does not. */
  leftOut(pk: string): void;
}

/**
 * The longest due first, at most `limit`. Eventually consistent. What does not belong there is read past, for ten pages of
 * a partition: it hides something only where it is thousands, and is told then as well. Throws as `storeError` says.
 */
export async function dueItems(
  client: DynamoDBDocumentClient,
  tableName: string,
  due: DueOf,
): Promise<readonly Item[]> {
  try {
    const shards = due.part === undefined ? Array.from({ length: DUE_SHARDS }, (_, shard) => shard) : [due.part];
    const items = (await Promise.all(shards.map((shard) => dueInShard(client, tableName, shard, due)))).flat();
    return items.sort((a, b) => (String(a['dueAt']) < String(b['dueAt']) ? -1 : 1)).slice(0, due.limit);
  } catch (error) {
    throw storeError(error, { index: CONTROL_INDEXES.due });
  }
}

async function dueInShard(client: DynamoDBDocumentClient, tableName: string, shard: number, due: DueOf) {
  const query = {
    TableName: tableName,
    IndexName: CONTROL_INDEXES.due,
    KeyConditionExpression: 'due = :due AND dueAt <= :now',
    ExpressionAttributeValues: { ':due': duePartition(due.of, shard), ':now': due.now },
  };
  const inPlace: Item[] = [];
  let page = { Limit: due.limit, ExclusiveStartKey: undefined as Item | undefined };
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const { Items: items = [], LastEvaluatedKey } = await client.send(new QueryCommand({ ...query, ...page }));
    for (const item of items) {
      if (due.isInPlace(item)) inPlace.push(item);
      else due.leftOut(String(item['pk']));
    }
    if (LastEvaluatedKey === undefined || inPlace.length >= due.limit) break;
    page = { Limit: PAGE, ExclusiveStartKey: LastEvaluatedKey };
  }
  return inPlace;
}
