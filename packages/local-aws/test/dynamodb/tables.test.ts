import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoProcess, startDynamo } from '../../dynamodb/dynoxide';
import { openStore, type Store } from '../../store';
import { localDynamo } from '../support/local-dynamo';

let engine: DynamoProcess;
let silent: Server;
const endings: (() => Promise<void> | void)[] = [];

/** The engine as a process sees it that is killed while a table is made: it acts, and its answer never arrives. */
beforeEach(async () => {
  engine = await startDynamo({});
  silent = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { host: _ours, ...headers } = request.headers as Record<string, string>;
    const answer = await fetch(engine.endpoint, { method: 'POST', headers, body });
    const text = await answer.text();
    if (headers['x-amz-target']?.endsWith('.CreateTable')) silent.emit('acted');
    else response.writeHead(answer.status).end(text);
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  silent.closeAllConnections();
  silent.close();
  await engine.stop();
});

async function tablesIn(store: Store, endpoint: string) {
  const { administrator, stop } = await localDynamo({ store, endpoint });
  endings.push(stop);
  return {
    create: () =>
      administrator.send(
        new CreateTableCommand({
          TableName: 'keys',
          BillingMode: 'PAY_PER_REQUEST',
          DeletionProtectionEnabled: true,
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        }),
      ),
    tables: async () => (await administrator.send(new ListTablesCommand())).TableNames,
  };
}

/** Asks a process for the table, which is killed before it hears an answer. */
async function killedWhileMaking(store: Store) {
  const { port } = silent.address() as AddressInfo;
  const { create } = await tablesIn(store, `http://127.0.0.1:${port}`);
  const acted = once(silent, 'acted');
  create().catch(() => undefined);
  await acted;
}

test('a table whose making was broken off is gone at the next start, and can be made', async () => {
  const store = openStore();
  await killedWhileMaking(store);

  const next = await tablesIn(store, engine.endpoint.href);

  expect(await next.tables()).toEqual([]);
  await next.create();
  expect(await next.tables()).toEqual(['keys']);
});

test('a table that was there before stays, whatever became of a request to make it', async () => {
  const store = openStore();
  const { create } = await tablesIn(store, engine.endpoint.href);
  await create();
  await killedWhileMaking(store);

  const next = await tablesIn(store, engine.endpoint.href);

  expect(await next.tables()).toEqual(['keys']);
});

test('a table that was made stays', async () => {
  const store = openStore();
  const { create } = await tablesIn(store, engine.endpoint.href);
  await create();

  const next = await tablesIn(store, engine.endpoint.href);

  expect(await next.tables()).toEqual(['keys']);
});
