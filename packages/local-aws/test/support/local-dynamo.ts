/** DynamoDB of local AWS behind a door, with who may ask it: over dynoxide, or over the DynamoDB that is named. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { movableClock } from '../../clock';
import { openDoor } from '../../door/door';
import { startDynamoDb } from '../../dynamodb/dynamodb';
import { faultPlan } from '../../faults';
import { iam } from '../../iam/iam';
import { openStore, type Store } from '../../store';

export const HOME = { accountId: '111111111111', region: 'eu-central-1' };

export interface LocalDynamoOptions {
  /** What is kept beside tables. */
  readonly store?: Store;
  readonly folder?: string;
  readonly endpoint?: string | undefined;
}

/** Stop it: the engine is a process of its own. */
export async function localDynamo({
  store = openStore(),
  folder,
  endpoint = process.env['AWS_ENDPOINT_URL_DYNAMODB'],
}: LocalDynamoOptions = {}) {
  const clock = movableClock(() => Date.UTC(2026, 0, 1));
  const access = iam({ store, clock });
  const options = { home: HOME, ...(folder && { folder }), ...(endpoint && { endpoint }) };
  const dynamo = await startDynamoDb({ store, clock }, { iam: access }, options);
  const door = await openDoor(
    { faults: faultPlan(() => 0), clock, store },
    { iam: access, engines: [dynamo.engine], trail: { record: () => {} }, onBug: console.error },
  );
  const clients: DynamoDBClient[] = [];
  const settingsOf = (credentials: { accessKeyId: string; secretAccessKey: string }, region = HOME.region) => ({
    ...{ endpoint: door.url, region, credentials, maxAttempts: 1 },
  });
  const clientOf = (...settings: Parameters<typeof settingsOf>) => {
    const client = new DynamoDBClient(settingsOf(...settings));
    clients.push(client);
    return client;
  };
  let roles = 0;
  return {
    streams: dynamo.streams,
    /** What any client of the SDK takes to be the administrator. */
    settings: settingsOf(access.openAccount(HOME.accountId)),
    administrator: clientOf(access.openAccount(HOME.accountId)),
    clientOf: (accountId: string, region?: string) => clientOf(access.openAccount(accountId), region),
    /** A client whose role has these statements only. */
    as(...statements: object[]) {
      roles += 1;
      const name = `role-${roles}`;
      const arn = `arn:aws:iam::${HOME.accountId}:role/${name}`;
      const policies = [{ Statement: statements.map((more) => ({ Effect: 'Allow', ...more })) as never }];
      access.putRole({
        arn,
        name,
        accountId: HOME.accountId,
        principalId: `AROA${roles}`,
        trustPolicy: { Statement: [] },
        policies,
      });
      return clientOf(access.openSession(arn, 's', 3600));
    },
    async stop() {
      for (const client of clients) client.destroy();
      await door.close();
      await dynamo.stop();
    },
  };
}

export type LocalDynamo = Awaited<ReturnType<typeof localDynamo>>;
