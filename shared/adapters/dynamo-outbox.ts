/** The outbox of the control table, for those who publish what is in it. */
import { type DynamoDBDocumentClient, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Outbox } from '../domain/outbox/ports';
import { keyOfRow } from './control-table';
import { dueItems } from './due-items';
import { FACT_KEPT_MS } from './dynamo-control-store';
import { storeError } from './dynamo-errors';

const FACT_PREFIX = keyOfRow('fact', '');

/** The id of the fact that a row is named by. */
export const factIdOf = (pk: unknown): string => String(pk).slice(FACT_PREFIX.length);

/** The outbox in the control table. Marks are conditional: a row that is gone or no longer due is left as it is. */
export function dynamoOutbox(client: DynamoDBDocumentClient, tableName: string): Outbox {
  /** A row that is gone, or not due any longer, is left as it is. */
  const update = async (factId: string, change: Omit<UpdateCommandInput, 'TableName' | 'Key'>) => {
    const row = { TableName: tableName, Key: { pk: keyOfRow('fact', factId) } };
    try {
      await client.send(new UpdateCommand({ ...row, ConditionExpression: 'attribute_exists(due)', ...change }));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException')
        throw storeError(error, { factId });
    }
  };

  return {
    async due(now, limit, leftOut = () => undefined) {
      const items = await dueItems(client, tableName, { of: 'fact', now, limit, isInPlace: isOfOutbox, leftOut });
      return items.map(({ pk, detailType, detail }) => ({
        factId: factIdOf(pk),
        detailType: textOf(detailType),
        detail: textOf(detail),
      }));
    },
    published: (factId) => update(factId, { UpdateExpression: 'REMOVE due, dueAt' }),
    // What nobody could publish does not go by itself.
    parked: (factId, reason) =>
      update(factId, {
        UpdateExpression: 'SET parked = :reason REMOVE due, dueAt, expiresAt',
        ExpressionAttributeValues: { ':reason': reason },
      }),
    postponed: (factId, dueAt) =>
      update(factId, {
        UpdateExpression: 'SET dueAt = :dueAt, expiresAt = :expiresAt',
        ExpressionAttributeValues: {
          ':dueAt': dueAt,
          ':expiresAt': Math.ceil((Date.parse(dueAt) + FACT_KEPT_MS) / 1000),
        },
      }),
  };
}

/** What became of any other row could not be noted: it would be published in every run. */
const isOfOutbox = ({ pk }: Record<string, unknown>): boolean => String(pk).startsWith(FACT_PREFIX);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
