/**
 * DynamoDB of local AWS: the caller's permission is checked for every table, index and partition key of a request, then
 * the bytes go to the engine and its answer comes back.
 */
import { AwsError, type JsonObject, type Principal } from '../call';
import type { EngineDeps, Iam, Permission, TableStreams } from '../contracts';
import type { RestAnswer, RestEngine, RestRequest } from '../door/rest';
import { own } from '../own-property';
import { LocalAwsFault } from '../start-refused';
import { type Access, accessesOf, isItemOperation } from './accesses';
import { backups } from './backups';
import { type DynamoOptions, startDynamo } from './dynoxide';
import { partitionKeys } from './partition-keys';
import { tableStreams } from './streams';
import { tablePrefix } from './table-prefix';
import { type Tables, tablesOf } from './tables';
import { type Home, translated } from './translation';
import { type Upstream, type UpstreamAnswer, upstream } from './upstream';

export interface Dynamo {
  readonly engine: RestEngine;
  readonly streams: TableStreams;
  stop(): Promise<void>;
}

/**
 * Tables exist in one account and region, `home`. In an engine of the user's own they are this local AWS's alone, and end with
 * it unless there is a folder that it goes on with.
 *
 * @throws LocalAwsFault when there is no engine, none that answers, or none that has the folder's tables.
 */
export async function startDynamoDb(
  world: Pick<EngineDeps, 'store' | 'clock'>,
  parts: { readonly iam: Iam },
  options: DynamoOptions & { readonly home: Home },
): Promise<Dynamo> {
  const { home } = options;
  const prefix = tablePrefix(world, options);
  const running = await startDynamo(options);
  const engine = translated(upstream(running), { home, prefix });
  const tables = tablesOf(world, engine);
  const isLeftBehind = options.endpoint !== undefined && options.folder === undefined;
  const stop = async () => {
    // What cannot be removed keeps nobody out: its names are nobody else's.
    if (isLeftBehind) await tables.removeAll().catch(() => undefined);
    engine.close();
    await running.stop();
  };
  try {
    await answering(engine, options);
    await tables.removeHalfMade();
    await tables.requireAll();
    await learnArns(engine);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    engine: forwarder(world, { ...parts, engine, tables, home }),
    streams: tableStreams(engine),
    stop,
  };
}

/** A file that is no database, and an address where nobody listens, show with the first question. */
async function answering(engine: Upstream, { endpoint, folder = '' }: DynamoOptions): Promise<void> {
  try {
    await engine.ask(`${TARGET}.ListTables`, {});
  } catch (cause) {
    const way = endpoint
      ? `Is AWS_ENDPOINT_URL_DYNAMODB, ${endpoint}, right?`
      : `If ${folder || 'its memory'} was damaged, put back a copy of it, or move it away and begin anew.`;
    throw new LocalAwsFault(`DynamoDB does not answer: ${(cause as Error).message} ${way}`, { cause });
  }
}

/** From what it tells of a table that is there already: see `translated`. */
async function learnArns(engine: Upstream): Promise<void> {
  const { TableNames } = await engine.ask(`${TARGET}.ListTables`, {});
  const [TableName] = TableNames as readonly string[];
  if (TableName !== undefined) await engine.ask(`${TARGET}.DescribeTable`, { TableName });
}

interface ForwarderParts {
  readonly iam: Iam;
  readonly engine: Upstream;
  readonly tables: Tables;
  readonly home: Home;
}

const HEADERS = { 'content-type': 'application/x-amz-json-1.0' };
const TARGET = 'DynamoDB_20120810';

function forwarder(
  world: Pick<EngineDeps, 'store' | 'clock'>,
  { iam, engine, tables, home }: ForwarderParts,
): RestEngine {
  const keys = partitionKeys(engine);
  const recovery = backups(world);

  const authorize = async (caller: Principal, operation: string, input: JsonObject) => {
    for (const access of accessesOf(operation, input)) {
      const leading = access.items && (await keys.valuesOf(access));
      iam.require(caller, permission(access, home, leading));
    }
  };

  /** What the engine does not know is answered here, for tables that it does know. */
  const answeredHere: Readonly<Record<string, (input: JsonObject) => JsonObject>> = {
    UpdateContinuousBackups: recovery.update,
    DescribeContinuousBackups: recovery.describe,
  };
  const changes = { CreateTable: tables.making, DeleteTable: tables.deleting };

  const answer = async (operation: string, input: JsonObject, request: RestRequest): Promise<RestAnswer> => {
    const here = own(answeredHere, operation);
    if (here) {
      await engine.ask(`${TARGET}.DescribeTable`, { TableName: input['TableName'] });
      return { status: 200, headers: HEADERS, body: JSON.stringify(here(input)) };
    }
    const target = request.headers['x-amz-target'] ?? '';
    const send = () => engine.send(target, request.body);
    if (isItemOperation(operation)) return passed(await send());
    keys.forget(input['TableName']);
    const noted = typeof input['TableName'] === 'string' ? own(changes, operation) : undefined;
    return passed(await (noted ? noted(String(input['TableName']), send) : send()));
  };

  return {
    service: 'dynamodb',
    async handleHttp(request) {
      const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
      const input = inputOf(request);
      if (request.region !== home.region || request.caller.accountId !== home.accountId) throw elsewhere(home);
      await authorize(request.caller, operation, input);
      return answer(operation, input, request);
    },
  };
}

function inputOf({ body }: RestRequest): JsonObject {
  try {
    const input: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString());
    if (typeof input === 'object' && input !== null) return input as JsonObject;
  } catch {
    // Refused below, like JSON that is no object.
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object.');
}

function permission({ action, table, index, arn }: Access, home: Home, leading?: readonly string[]): Permission {
  const tableArn = `arn:aws:dynamodb:${home.region}:${home.accountId}:table/${table}`;
  return {
    action: `dynamodb:${action}`,
    resource: arn ?? (table === undefined ? '*' : index === undefined ? tableArn : `${tableArn}/index/${index}`),
    resourceAccountId: home.accountId,
    ...(leading && { conditions: { 'dynamodb:LeadingKeys': leading } }),
  };
}

function passed({ status, body }: UpstreamAnswer): RestAnswer {
  return { status, headers: HEADERS, body };
}

function elsewhere({ accountId, region }: Home): AwsError {
  const text = `Requested resource not found: local DynamoDB has the tables of account ${accountId} in ${region} only.`;
  return new AwsError('ResourceNotFoundException', text);
}
