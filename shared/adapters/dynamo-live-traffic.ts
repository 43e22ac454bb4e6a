/**
 * What applications ask of KMS, counted in the report table: `live-kms#<quotaId>#<slot>` with `calls`, `throttled`,
 * `latencyMs`, `reportedAtMs` and `expiresAt` (epoch seconds).
 *
 * Every process adds to one of a few items: an item takes about 1,000 writes a second, so that thousands of processes may
 * report twice a second.
 */
import { BatchGetCommand, type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LiveCount, LiveTraffic } from '../domain/reencryption/quota/ports';
import { stableHash } from '../domain/stable-hash';
import { askDynamo } from './dynamo-errors';

const SLOTS = 4;

/** What nobody reports for so long begins anew. */
const KEPT_MS = 7 * 86_400_000;

/** @param reporter Names the process that reports; those that only count need none. */
export function dynamoLiveTraffic(
  client: DynamoDBDocumentClient,
  tableName: string,
  reporter = '',
  nowMs: () => number = Date.now,
): LiveTraffic {
  const slot = stableHash(reporter) % SLOTS;

  return {
    async count(quotaId) {
      const Keys = Array.from({ length: SLOTS }, (_, at) => keyOf(quotaId, at));
      return askDynamo({ quotaId }, async () => {
        const answer = await client.send(new BatchGetCommand({ RequestItems: { [tableName]: { Keys } } }));
        // A slot that is missing would look like calls that never were: rather no news than wrong ones.
        if (answer.UnprocessedKeys?.[tableName]?.Keys?.length) throw new Error('UnprocessedKeys');
        return sumOf(answer.Responses?.[tableName] ?? []);
      });
    },

    async report(quotaId, { calls, throttled, latencyMs }) {
      const now = nowMs();
      const request = new UpdateCommand({
        TableName: tableName,
        Key: keyOf(quotaId, slot),
        UpdateExpression:
          'ADD calls :calls, throttled :throttled, latencyMs :latencyMs SET reportedAtMs = :now, expiresAt = :expiresAt',
        ExpressionAttributeValues: {
          ':calls': calls,
          ':throttled': throttled,
          ':latencyMs': latencyMs,
          ':now': now,
          ':expiresAt': Math.ceil((now + KEPT_MS) / 1000),
        },
      });
      await askDynamo({ quotaId }, () => client.send(request));
    },
  };
}

const keyOf = (quotaId: string, slot: number) => ({ pk: `live-kms#${quotaId}#${slot}` });

const FIELDS = ['calls', 'throttled', 'latencyMs', 'reportedAtMs'] as const;

/** More than the largest quota comes to in centuries, and so little that the slots together are counted exactly. */
const COUNT_MAX = 1e15;

/** Whoever may report can write anything: what is no count is no news, as if nobody had reported. */
const isCount = (item: Readonly<Record<string, unknown>>): boolean =>
  FIELDS.every((field) => {
    const count = item[field];
    return typeof count === 'number' && count >= 0 && count <= COUNT_MAX;
  });

function sumOf(items: readonly Readonly<Record<string, unknown>>[]): LiveCount | undefined {
  if (items.length === 0 || !items.every(isCount)) return undefined;
  const counts = items as unknown as readonly LiveCount[];
  const sum = (field: 'calls' | 'throttled' | 'latencyMs') => counts.reduce((all, count) => all + count[field], 0);
  return {
    calls: sum('calls'),
    throttled: sum('throttled'),
    latencyMs: sum('latencyMs'),
    reportedAtMs: Math.max(...counts.map(({ reportedAtMs }) => reportedAtMs)),
  };
}
