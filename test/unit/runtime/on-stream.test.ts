/** How rows of the outbox come from the table's stream, and which of them are handed back. */
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { OutboxRow } from '../../../shared/domain/outbox/ports';
import { onOutbox } from '../../../shared/runtime/on-stream';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

const record = (factId: string, NewImage: object) => ({
  dynamodb: { Keys: { pk: { S: `fact#${factId}` } }, NewImage, SequenceNumber: `at-${factId}` },
});

async function handled(records: readonly object[], left: readonly string[] = []) {
  const rows: OutboxRow[] = [];
  const handler = onOutbox(
    async (given) => {
      rows.push(...given);
      return given.filter(({ factId }) => left.includes(factId));
    },
    { metrics: new Metrics({ namespace: 'test', serviceName: 'test' }) },
  ) as unknown as (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse>;
  const answer = await handler({ Records: records } as DynamoDBStreamEvent, {} as Context);
  return { rows, failed: answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
}

test('a row comes as it was written, whatever it says, and one that is no fact keeps no other', async () => {
  const { rows, failed } = await handled([
    record('good', { detailType: { S: 'x.v1' }, detail: { S: '{}' } }),
    record('broken', { detailType: { S: 'x.v1' }, detail: { S: '{"a":' } }),
    record('other', { detailType: { N: '1' }, detail: { M: {} } }),
  ]);

  expect(failed).toEqual([]);
  expect(rows).toMatchObject([
    { factId: 'good', detailType: 'x.v1', detail: '{}' },
    { factId: 'broken', detailType: 'x.v1', detail: '{"a":' },
    { factId: 'other', detailType: undefined, detail: undefined },
  ]);
});

test('what is worth another try is named by its place in the stream', async () => {
  const text = { detailType: { S: 'x.v1' }, detail: { S: '{}' } };

  expect((await handled([record('one', text), record('two', text)], ['two'])).failed).toEqual(['at-two']);
});
