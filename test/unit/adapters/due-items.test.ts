/** How far the index of what is due is read past what does not belong there. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { dueItems } from '../../../shared/adapters/due-items';
import { NOW } from '../../support/make';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const mock = mockClient(documents);
beforeEach(() => mock.reset());

test('a partition of nothing else is read to an end, told, and keeps no other partition', async () => {
  mock.on(QueryCommand).callsFake(({ ExpressionAttributeValues: values, Limit }) => {
    if (values[':due'] !== 'incident#0') return { Items: [{ pk: `incident#${values[':due']}`, dueAt: NOW }] };
    return {
      Items: Array.from({ length: Limit }, () => ({ pk: 'copy#1', dueAt: NOW })),
      LastEvaluatedKey: { pk: 'x' },
    };
  });
  let leftOut = 0;
  const isInPlace = ({ pk }: Record<string, unknown>) => String(pk).startsWith('incident#');
  const told = () => {
    leftOut += 1;
  };

  const items = await dueItems(documents, 'control', {
    of: 'incident',
    now: NOW,
    limit: 200,
    isInPlace,
    leftOut: told,
  });

  expect(items).toHaveLength(3);
  expect(leftOut).toBeGreaterThan(4_000);
  expect(mock.commandCalls(QueryCommand).length).toBeLessThan(20);
});
