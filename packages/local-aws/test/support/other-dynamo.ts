/**
 * A DynamoDB that is not local AWS's own, as AWS's DynamoDB Local shows itself: its ARNs have a region and an account of
 * its own, and there is a database for each access key and region, unless all share one (`-sharedDb`). What it does
 * with tables and items is dynoxide's.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startDynamo } from '../../dynamodb/dynoxide';
import { type Upstream, upstream } from '../../dynamodb/upstream';

export interface OtherDynamoOptions {
  readonly isShared?: boolean;
  /** What its ARNs say. */
  readonly region?: string;
  readonly accountId?: string;
}

/** What dynoxide's ARNs say. */
const DYNOXIDE = ':dynoxide:000000000000:';

export async function otherDynamo({
  isShared = false,
  region = 'ddblocal',
  accountId = '000000000000',
}: OtherDynamoOptions = {}) {
  const shown = `:${region}:${accountId}:`;
  const databases = new Map<string, Promise<Upstream>>();
  const endings: (() => Promise<void>)[] = [];
  const open = async () => {
    const running = await startDynamo({});
    const engine = upstream(running);
    endings.push(async () => {
      engine.close();
      await running.stop();
    });
    return engine;
  };
  const databaseOf = (authorization = '') => {
    const [, accessKeyId, there] = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(authorization) ?? [];
    const name = isShared ? 'all' : `${accessKeyId} ${there}`;
    const database = databases.get(name) ?? open();
    databases.set(name, database);
    return database;
  };

  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const engine = await databaseOf(request.headers.authorization);
    const target = String(request.headers['x-amz-target']);
    const answer = await engine.send(target, body.replaceAll(shown, DYNOXIDE));
    const text = answer.body.toString().replaceAll(DYNOXIDE, shown);
    response.writeHead(answer.status).end(text.replaceAll('"awsRegion":"dynoxide"', `"awsRegion":"${region}"`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The names of all tables, as whoever runs it sees them. */
    async tables(): Promise<readonly string[]> {
      const engines = await Promise.all(databases.values());
      const lists = await Promise.all(engines.map((engine) => engine.ask('DynamoDB_20120810.ListTables', {})));
      return lists.flatMap(({ TableNames }) => TableNames as readonly string[]);
    },
    /** As it is after it was started anew without what it had. */
    forget: () => databases.clear(),
    async stop() {
      server.closeAllConnections();
      server.close();
      for (const end of endings) await end();
    },
  };
}

export type OtherDynamo = Awaited<ReturnType<typeof otherDynamo>>;
