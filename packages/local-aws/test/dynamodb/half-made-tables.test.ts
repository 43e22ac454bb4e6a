import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { movableClock } from '../../clock';
import { openDoor } from '../../door/door';
import { startDynamoDb } from '../../dynamodb/dynamodb';
import { type DynamoProcess, startDynamo } from '../../dynamodb/dynoxide';
import { faultPlan } from '../../faults';
import { iam } from '../../iam/iam';
import { openStore, type Store } from '../../store';

const HOME = { accountId: '111111111111', region: 'eu-central-1' };

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

async function localDynamo(store: Store, endpoint: string) {
  const clock = movableClock();
  const access = iam({ store, clock });
  const dynamo = await startDynamoDb({ store, clock }, { iam: access }, { home: HOME, endpoint });
  const parts = { iam: access, engines: [dynamo.engine], trail: { record: () => undefined } };
  const door = await openDoor({ faults: faultPlan(() => 0), clock, store }, { ...parts, onBug: () => undefined });
  const credentials = access.openAccount(HOME.accountId);
  const client = new DynamoDBClient({ endpoint: door.url, region: HOME.region, credentials, maxAttempts: 1 });
  endings.push(() => client.destroy(), door.close);
  return {
    create: () =>
      client.send(
        new CreateTableCommand({
          TableName: 'keys',
          BillingMode: 'PAY_PER_REQUEST',
          DeletionProtectionEnabled: true,
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        }),
      ),
    tables: async () => (await client.send(new ListTablesCommand())).TableNames,
  };
}

/** Asks a process for the table, which is killed before it hears an answer. */
async function killedWhileMaking(store: Store) {
  const { port } = silent.address() as AddressInfo;
  const { create } = await localDynamo(store, `http://127.0.0.1:${port}`);
  const acted = once(silent, 'acted');
  create().catch(() => undefined);
  await acted;
}

test('a table whose making was broken off is gone at the next start, and can be made', async () => {
  const store = openStore();
  await killedWhileMaking(store);

  const next = await localDynamo(store, engine.endpoint.href);

  expect(await next.tables()).toEqual([]);
  await next.create();
  expect(await next.tables()).toEqual(['keys']);
});

test('a table that was there before stays, whatever became of a request to make it', async () => {
  const store = openStore();
  const { create } = await localDynamo(store, engine.endpoint.href);
  await create();
  await killedWhileMaking(store);

  const next = await localDynamo(store, engine.endpoint.href);

  expect(await next.tables()).toEqual(['keys']);
});

test('a table that was made stays', async () => {
  const store = openStore();
  const { create } = await localDynamo(store, engine.endpoint.href);
  await create();

  const next = await localDynamo(store, engine.endpoint.href);

  expect(await next.tables()).toEqual(['keys']);
});
