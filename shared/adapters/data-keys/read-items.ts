/** Reading items by their keys, many at once. */
import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { askDynamo, storeError } from '../dynamo-errors';
import type { Item } from './data-key-items';

/** How often what a batch read left out is asked for again before the caller is told. */
const BATCH_ATTEMPTS = 8;

/**
 * The items of these keys that exist, in any order. Strongly consistent.
 *
 * @param wanted Keys, at most as many as one request takes.
 * @throws KeywrightError `store.unreachable` (retry), also when DynamoDB keeps leaving some out.
 */
export async function itemsAt(
  client: DynamoDBDocumentClient,
  tableName: string,
  wanted: readonly Item[],
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let keys: Item[] = [...wanted];
  for (let attempt = 1; keys.length > 0; attempt += 1) {
    if (attempt > BATCH_ATTEMPTS) throw storeError(new Error('UnprocessedKeys'), { left: keys.length });
    const asked = { [tableName]: { Keys: keys, ConsistentRead: true } };
    const answer = await askDynamo({}, () => client.send(new BatchGetCommand({ RequestItems: asked })));
    found.push(...(answer.Responses?.[tableName] ?? []));
    keys = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return found;
}
