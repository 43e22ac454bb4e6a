/**
 * Failures of KMS keys, in the report table: `key-failure#<kmsKeyArn>` with `failure` (`works-again` where there is none any
 * more), `reportedAtMs` and `expiresAt` (epoch seconds). One item a key: its stream tells of each change, and the time makes each report one.
 */
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { KeyFailures } from '../domain/availability/key-failure';
import { askDynamo } from './dynamo-errors';
import { KEY_FAILURE } from './report-table';

/** A report is of use for as long as its stream record. */
const KEPT_MS = 86_400_000;

/** Reports of failed keys in the report table: one item a key, the last report in it. */
export function dynamoKeyFailures(
  client: DynamoDBDocumentClient,
  tableName: string,
  nowMs: () => number = Date.now,
): KeyFailures {
  return {
    async report(kmsKeyArn, report) {
      const now = nowMs();
      const request = new UpdateCommand({
        TableName: tableName,
        Key: { pk: KEY_FAILURE + kmsKeyArn },
        UpdateExpression: 'SET failure = :failure, reportedAtMs = :now, expiresAt = :expiresAt',
        ExpressionAttributeValues: {
          ':failure': report,
          ':now': now,
          ':expiresAt': Math.ceil((now + KEPT_MS) / 1000),
        },
      });
      await askDynamo({ kmsKeyArn }, () => client.send(request));
    },
  };
}

/** A change of an item, as the table's stream hands it over. */
interface Image {
  readonly pk?: { readonly S?: string };
  readonly failure?: { readonly S?: string };
}

/** What an item says, unchecked. */
export const keyFailureIn = ({ pk, failure }: Image) => ({
  kmsKeyArn: pk?.S?.startsWith(KEY_FAILURE) ? pk.S.slice(KEY_FAILURE.length) : undefined,
  failure: failure?.S,
});
