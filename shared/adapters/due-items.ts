/** What is due, read from the control table's index of it. */
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { CONTROL_INDEXES, DUE_SHARDS, duePartition } from './control-table';
import { storeError } from './dynamo-errors';

type Item = Record<string, unknown>;

/** The longest due first, at most `limit`. Eventually consistent. Throws as `storeError` says. */
export async function dueItems(
  client: DynamoDBDocumentClient,
  tableName: string,
  { of, now, limit }: { readonly of: string; readonly now: string; readonly limit: number },
): Promise<readonly Item[]> {
  const ask = (shard: number) =>
    client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: CONTROL_INDEXES.due,
        KeyConditionExpression: 'due = :due AND dueAt <= :now',
        ExpressionAttributeValues: { ':due': duePartition(of, shard), ':now': now },
        Limit: limit,
      }),
    );
  try {
    const pages = await Promise.all(Array.from({ length: DUE_SHARDS }, (_, shard) => ask(shard)));
    const items: Item[] = pages.flatMap(({ Items = [] }) => Items);
    return items.sort((a, b) => (String(a['dueAt']) < String(b['dueAt']) ? -1 : 1)).slice(0, limit);
  } catch (error) {
    throw storeError(error, { index: CONTROL_INDEXES.due });
  }
}
