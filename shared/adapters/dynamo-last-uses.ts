/**
 * When keys were last used, in the control table: `key-last-use#<kmsKeyArn>` with `usedAt`, and its key once more as `self`.
 *
 * It has no attribute of the table's indexes. What was written a moment ago is remembered, so that a key that is used all
 * the time costs a write an hour and process: uses are noted by the hour.
 */
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LastUses } from '../domain/retirement/verify/usage-sources';
import { askDynamo, storeError } from './dynamo-errors';
import { misplaced } from './misplaced-row';

/** Keys remembered; then all are forgotten, which costs a write each. */
const REMEMBERED_MAX = 10_000;

/**
 * When each key was last used, to the hour, in the control table. What was noted is remembered, so that most uses
 * write nothing.
 */
export function dynamoLastUses(client: DynamoDBDocumentClient, tableName: string): LastUses {
  const noted = new Map<string, string>();
  const itemOf = (pk: string) => ({ TableName: tableName, Key: { pk } });

  return {
    async note(kmsKeyArn, at) {
      if ((noted.get(kmsKeyArn) ?? '') >= at) return;
      const pk = pkOf(kmsKeyArn);
      const request = new UpdateCommand({
        ...itemOf(pk),
        UpdateExpression: 'SET usedAt = :at, #self = :self',
        ConditionExpression: 'attribute_not_exists(usedAt) OR usedAt < :at',
        ExpressionAttributeNames: { '#self': 'self' },
        ExpressionAttributeValues: { ':at': at, ':self': pk },
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
      const pk = pkOf(kmsKeyArn);
      const get = new GetCommand({ ...itemOf(pk), ConsistentRead: true });
      const { Item: item } = await askDynamo({ kmsKeyArn }, () => client.send(get));
      if (item && item['self'] !== pk) throw misplaced(pk);
      return item && String(item['usedAt']);
    },
  };
}

const pkOf = (kmsKeyArn: string) => `key-last-use#${kmsKeyArn}`;
