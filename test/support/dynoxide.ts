/** A real DynamoDB engine for tests: dynoxide in memory on a free loopback port, gone when the tests are. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
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

/** Long enough for a machine that is busy with other tests. */
const READY_ATTEMPTS = 200;
const READY_PAUSE_MS = 25;

export async function startDynoxide(): Promise<TestDynamo> {
  const { resolve } = createRequire(join(process.cwd(), 'package.json'));
  const program = join(dirname(resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
  const port = await freePort();
  const child = spawn(program, ['-p', String(port)], { stdio: 'ignore' });
  const endThatProcess = () => child.kill('SIGKILL');
  process.once('exit', endThatProcess);

  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await ready(client);

  const documents = documentsOf(client);
  let tables = 0;
  return {
    endpoint,
    client,
    documents,
    async copy(TableName, from, to) {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: from }));
      await documents.send(new PutCommand({ TableName, Item: { ...Item, ...to } }));
    },
    async createTable(definition) {
      tables += 1;
      const name = `table-${tables}`;
      const input = { ...definition, TableName: name, BillingMode: 'PAY_PER_REQUEST' } as CreateTableCommandInput;
      await client.send(new CreateTableCommand(input));
      return name;
    },
    async stop() {
      client.destroy();
      process.off('exit', endThatProcess);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function ready(client: DynamoDBClient): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (attempt === READY_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no loopback port was free');
  return address.port;
}
