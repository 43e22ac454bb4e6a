/**
 * How often key material has encrypted, in the control table: `key-uses#<kmsKeyArn>#<keyMaterialId>` with `uses`.
 *
 * It has no attribute of the table's indexes: one write a batch, and no reader but the next.
 */
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { KeyUses } from '../domain/trigger-rotation';
import { storeError } from './dynamo-errors';

export function dynamoKeyUses(client: DynamoDBDocumentClient, tableName: string): KeyUses {
  return {
    async add({ kmsKeyArn, keyMaterialId }, uses) {
      const request = new UpdateCommand({
        TableName: tableName,
        Key: { pk: `key-uses#${kmsKeyArn}#${keyMaterialId}` },
        UpdateExpression: 'ADD uses :more',
        ExpressionAttributeValues: { ':more': uses },
        ReturnValues: 'UPDATED_NEW',
      });
      try {
        const { Attributes: after } = await client.send(request);
        return Number(after?.['uses'] ?? uses);
      } catch (error) {
        throw storeError(error, { kmsKeyArn });
      }
    },
  };
}
