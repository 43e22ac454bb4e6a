/** A real DynamoDB engine for tests: the one that AWS_ENDPOINT_URL_DYNAMODB names, else dynoxide in memory, gone when the tests are. */
import { randomBytes } from 'node:crypto';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { startDynamo } from 'local-aws/dynamodb/dynoxide';
import { documentsOf } from '../../shared/adapters/document-client';

export interface TestDynamo {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  /** Creates a table from its definition as data, under a name of its own. @returns the name. */
  createTable(definition: TableDefinition): Promise<string>;
  /** Copies an item, as it is, to where another is kept. */
  copy(table: string, from: Readonly<Record<string, string>>, to: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
type TableDefinition = DeepReadonly<Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema'>> &
  DeepReadonly<Partial<Pick<CreateTableCommandInput, 'GlobalSecondaryIndexes' | 'StreamSpecification'>>>;

export async function startDynoxide(): Promise<TestDynamo> {
  const named = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const engine = await startDynamo(named ? { endpoint: named } : {});
  const endpoint = engine.endpoint.href;
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  const documents = documentsOf(client);
  // Others may use the engine at the same time, and an earlier run may have left its tables there.
  const run = randomBytes(6).toString('hex');
  const tables: string[] = [];
  return {
    endpoint,
    client,
    documents,
    async copy(TableName, from, to) {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: from }));
      await documents.send(new PutCommand({ TableName, Item: { ...Item, ...to } }));
    },
    async createTable(definition) {
      const name = `table-${run}-${tables.length + 1}`;
      const input = { ...definition, TableName: name, BillingMode: 'PAY_PER_REQUEST' } as CreateTableCommandInput;
      await client.send(new CreateTableCommand(input));
      tables.push(name);
      return name;
    },
    async stop() {
      for (const TableName of tables) await deleteTable(client, TableName);
      client.destroy();
      await engine.stop();
    },
  };
}

/** A test may have deleted it already. */
async function deleteTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName })).catch((error: unknown) => {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  });
}
