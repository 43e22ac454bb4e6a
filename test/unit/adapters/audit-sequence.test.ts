import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { CONTROL_TABLE } from '../../../shared/adapters/control-table';
import { dynamoAuditSequence } from '../../../shared/adapters/dynamo-audit-sequence';
import { auditSequenceContract } from '../../contract/audit-sequence';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { memoryAuditSequence } from '../../support/memory-audit';

describe('in memory', () => {
  auditSequenceContract(async () => {
    const sequence = memoryAuditSequence();
    return { sequence, facts: async () => sequence.outbox, misplace: async (...args) => sequence.misplace(...args) };
  });
});

describe('on DynamoDB', () => {
  let dynamo: TestDynamo;
  beforeAll(async () => {
    dynamo = await startDynoxide();
  });
  afterAll(() => dynamo.stop());

  auditSequenceContract(async () => {
    const table = await dynamo.createTable(CONTROL_TABLE);
    const facts = async () => {
      const { Items: items = [] } = await dynamo.documents.send(new ScanCommand({ TableName: table }));
      return items.flatMap(({ pk }) => (String(pk).startsWith('fact#') ? [{ factId: String(pk).slice(5) }] : []));
    };
    const keyOf = (what: 'head' | 'batch', customerId: string) => ({
      pk: what === 'head' ? `audit-head#${customerId}` : `audit-batch#${customerId}#${'0'.repeat(16)}`,
    });
    return {
      sequence: dynamoAuditSequence(dynamo.documents, table),
      facts,
      misplace: (what, from, to) => dynamo.copy(table, keyOf(what, from), keyOf(what, to)),
    };
  });

  test('no index of the table holds a second copy of what the sequence writes', async () => {
    const table = await dynamo.createTable(CONTROL_TABLE);
    const sequence = dynamoAuditSequence(dynamo.documents, table);
    await sequence.sequence(await sequence.head('acme'), [{ dedupeKeys: ['event'], bytes: Buffer.from('entry') }]);

    const { Items: indexed } = await dynamo.documents.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'by-customer',
        KeyConditionExpression: 'customerId = :customer',
        ExpressionAttributeValues: { ':customer': 'acme' },
      }),
    );

    expect(indexed).toEqual([]);
  });
});

describe('while DynamoDB throttles', () => {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const mock = mockClient(client);
  beforeEach(() => {
    mock.reset();
    mock.onAnyCommand().rejects(new Error('not stubbed'));
  });
  const sequence = () => dynamoAuditSequence(client, 'table');

  test('keys that are given back unread are asked for again', async () => {
    const unread = { table: { Keys: [{ pk: 'audit-mark#acme#b' }] } };
    mock
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { table: [{ pk: 'audit-mark#acme#a' }] }, UnprocessedKeys: unread })
      .resolvesOnce({ Responses: { table: [{ pk: 'audit-mark#acme#b' }] } });

    expect(await sequence().known('acme', ['a', 'b'])).toEqual(new Set(['a', 'b']));
  });

  test('keys that are never read are an error that may pass, not keys without an entry', async () => {
    mock.on(BatchGetCommand).callsFake((input) => ({ Responses: {}, UnprocessedKeys: input.RequestItems }));

    await expect(sequence().known('acme', ['a'])).rejects.toMatchObject({ code: 'store.unreachable', retry: true });
    expect(mock.commandCalls(BatchGetCommand).length).toBeLessThan(20);
  });
});
