/** How every table of ours is read and written. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * A number that JavaScript cannot hold is read as the nearest that it can: the client by itself throws, and with one such item
 * goes the whole page. Whoever reads what others write checks what it got.
 *
 * Source: `wrapNumbers` of @aws-sdk/util-dynamodb, which is called with the number's text.
 */
export const documentsOf = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: Number },
  });
