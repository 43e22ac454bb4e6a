/**
 * When keys were last used, in the control table: `key-last-use#<kmsKeyArn>` with `usedAt`.
 *
 * It has no attribute of the table's indexes. What was written a moment ago is remembered, so that a key that is used all
 * the time costs a write an hour and process: uses are noted by the hour.
 */
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LastUses } from '../domain/retire-key/uses';
import { storeError } from './dynamo-errors';

/** Keys remembered; then all are forgotten, which costs a write each. */
const REMEMBERED_MAX = 10_000;

export function dynamoLastUses(client: DynamoDBDocumentClient, tableName: string): LastUses {
  const noted = new Map<string, string>();
  const itemOf = (kmsKeyArn: string) => ({ TableName: tableName, Key: { pk: `key-last-use#${kmsKeyArn}` } });

  return {
    async note(kmsKeyArn, at) {
      if ((noted.get(kmsKeyArn) ?? '') >= at) return;
      const request = new UpdateCommand({
        ...itemOf(kmsKeyArn),
        UpdateExpression: 'SET usedAt = :at',
        ConditionExpression: 'attribute_not_exists(usedAt) OR usedAt < :at',
        ExpressionAttributeValues: { ':at': at },
      });
      try {
        await client.send(request);
      } catch (error) {
        // Somebody has noted a later one.
        if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') {
          throw storeError(error, { kmsKeyArn });
        }
      }
      if (noted.size >= REMEMBERED_MAX) noted.clear();
      noted.set(kmsKeyArn, at);
    },

    async of(kmsKeyArn) {
      try {
        const { Item: item } = await client.send(new GetCommand({ ...itemOf(kmsKeyArn), ConsistentRead: true }));
        return item === undefined ? undefined : String(item['usedAt']);
      } catch (error) {
        throw storeError(error, { kmsKeyArn });
      }
    },
  };
}
