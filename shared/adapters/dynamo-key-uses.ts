/**
 * How often key material has encrypted, in the control table: `key-uses#<kmsKeyArn>#<keyMaterialId>` with `uses`, and its
 * key once more as `self`.
 *
 * It has no attribute of the table's indexes: one write a batch, and no reader but the next.
 */
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { KeyUses } from '../domain/rotation/trigger-rotation';
import { storeError } from './dynamo-errors';
import { misplaced } from './misplaced-row';

/** How often each key material has encrypted, counted in the control table. */
export function dynamoKeyUses(client: DynamoDBDocumentClient, tableName: string): KeyUses {
  return {
    async add({ kmsKeyArn, keyMaterialId }, uses) {
      const pk = `key-uses#${kmsKeyArn}#${keyMaterialId}`;
      const request = new UpdateCommand({
        TableName: tableName,
        Key: { pk },
        UpdateExpression: 'ADD uses :more SET #self = :self',
        ConditionExpression: 'attribute_not_exists(pk) OR #self = :self',
        ExpressionAttributeNames: { '#self': 'self' },
        ExpressionAttributeValues: { ':more': uses, ':self': pk },
        ReturnValues: 'UPDATED_NEW',
      });
      try {
        const { Attributes: after } = await client.send(request);
        return Number(after?.['uses'] ?? uses);
      } catch (error) {
        if (error instanceof Error && error.name === 'ConditionalCheckFailedException') throw misplaced(pk);
        throw storeError(error, { kmsKeyArn });
      }
    },
  };
}
