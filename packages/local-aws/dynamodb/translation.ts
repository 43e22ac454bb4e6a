/**
 * Speaks to the engine in its words, and to everybody else in the deployment's.
 *
 * The engine writes ARNs of an account and a region of its own; the deployment knows tables by its own. And where the
 * engine is used by others, the names of this local AWS's tables begin with a prefix there, which nobody here sees.
 */
import type { Json, JsonObject } from '../call';
import { own } from '../own-property';
import { isItemOperation } from './accesses';
import { asking, type Upstream, type UpstreamAnswer } from './upstream';

export interface Home {
  readonly accountId: string;
  readonly region: string;
}

export interface Translation {
  readonly home: Home;
  /** Empty where the engine is ours alone. Drawn at random else, so that nothing but a table's name begins like it. */
  readonly prefix: string;
}

/** Shorter names are no names, and must stay so. Source: DynamoDB API reference, CreateTable: 3 to 255 characters. */
const NAME_LENGTH_MIN = 3;
/** Far more than any engine on a developer's machine has. */
const PAGES_MAX = 10_000;

/** What they answer is not looked into: an iterator is the engine's own text, and in records is what customers wrote. */
const OF_RECORDS = new Set(['GetShardIterator', 'GetRecords']);

/** The engine as everybody here knows it. What it throws and answers is as the engine's, in the deployment's words. */
export function translated(engine: Upstream, { home, prefix }: Translation): Upstream {
  const arns = arnTranslation({ home, prefix });
  /** A name is all of a text, or somewhere in a refusal; what else begins otherwise, and is the engine's: a shard's id. */
  const withoutPrefix = (text: string, status = 200) =>
    status === 200 ? text.replaceAll(`"${prefix}`, '"') : text.replaceAll(prefix, '');

  /** Items are not looked into: an ARN in one is the customer's own. */
  const inEngineWords = (operation: string, body: Uint8Array | string) => {
    const isOfItems = isItemOperation(operation);
    if (operation === 'GetRecords' || (isOfItems && prefix === '')) return body;
    const text = textOf(body);
    const named = prefix === '' ? text : JSON.stringify(renamed(JSON.parse(text), arns.nameToEngine));
    return isOfItems ? named : arns.toEngine(named);
  };

  const inHomeWords = (operation: string, { status, body }: UpstreamAnswer): Buffer => {
    if (isItemOperation(operation)) {
      const isNamed = prefix !== '' && body.includes(prefix);
      return isNamed ? Buffer.from(withoutPrefix(body.toString(), status)) : body;
    }
    const isAsItIs = status === 200 && OF_RECORDS.has(operation);
    const text = isAsItIs ? body.toString() : withoutPrefix(arns.toHome(body.toString()), status);
    return Buffer.from(text.replaceAll(/"awsRegion":"[^"]*"/g, `"awsRegion":"${home.region}"`));
  };

  /** Of an engine that others use, too: what is theirs is not told. */
  const onList = async (target: string, body: Uint8Array | string, list: List): Promise<UpstreamAnswer> => {
    const { [list.from]: from, ...input } = renamed(JSON.parse(textOf(body)), arns.nameToEngine);
    const entries = (await everyEntry(engine, target, input, list)).filter((entry) =>
      list.tableOf(entry).startsWith(prefix),
    );
    const told = JSON.parse(withoutPrefix(arns.toHome(JSON.stringify(entries)))) as readonly Json[];
    const start = told.findIndex((entry) => list.idOf(entry) === from) + 1;
    const page = told.slice(start, start + Number(input['Limit'] ?? told.length));
    const last = page.at(-1);
    const isMore = last !== undefined && start + page.length < told.length;
    const answer = { [list.entries]: page, ...(isMore && { [list.last]: list.idOf(last) }) };
    return { status: 200, body: Buffer.from(JSON.stringify(answer)) };
  };

  const send: Upstream['send'] = async (target, body) => {
    const operation = target.split('.').at(-1) ?? '';
    const list = prefix === '' ? undefined : own(LISTS, operation);
    if (list) return onList(target, body, list);
    const answer = await engine.send(target, inEngineWords(operation, body));
    return { status: answer.status, body: inHomeWords(operation, answer) };
  };

  return { send, ask: asking(send), close: engine.close };
}

/**
 * What the engine's ARNs of tables begin with is learnt from the first that it tells, and is the same from then on. Before
 * there is a table there is none to be told of.
 */
function arnTranslation({ home, prefix }: Translation) {
  const homeTables = `arn:aws:dynamodb:${home.region}:${home.accountId}:table/`;
  let engineTables: string | undefined;

  const learn = (text: string) => {
    const told = engineTables === undefined ? /"TableArn"\s*:\s*"(arn:[^"]*?:table\/)/.exec(text)?.[1] : undefined;
    if (told !== undefined) engineTables = `${told}${prefix}`;
  };

  return {
    toHome(text: string): string {
      learn(text);
      return engineTables === undefined ? text : text.replaceAll(engineTables, homeTables);
    },
    toEngine: (text: string) => (engineTables === undefined ? text : text.replaceAll(homeTables, engineTables)),
    /** A table may be named by its ARN, which is translated as such. */
    nameToEngine: (name: string) =>
      name.length < NAME_LENGTH_MIN || name.startsWith(homeTables) ? name : `${prefix}${name}`,
  };
}

interface List {
  readonly entries: string;
  readonly from: string;
  readonly last: string;
  readonly idOf: (entry: Json) => string;
  readonly tableOf: (entry: Json) => string;
}

/** Source: DynamoDB API reference, ListTables; DynamoDB Streams API reference, ListStreams. */
const LISTS: Readonly<Record<string, List>> = {
  ListTables: {
    entries: 'TableNames',
    from: 'ExclusiveStartTableName',
    last: 'LastEvaluatedTableName',
    idOf: String,
    tableOf: String,
  },
  ListStreams: {
    entries: 'Streams',
    from: 'ExclusiveStartStreamArn',
    last: 'LastEvaluatedStreamArn',
    idOf: (entry) => String(Object(entry).StreamArn),
    tableOf: (entry) => String(Object(entry).TableName),
  },
};

async function everyEntry(engine: Upstream, target: string, input: JsonObject, list: List): Promise<readonly Json[]> {
  const entries: Json[] = [];
  let from: Json | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await engine.ask(target, { ...input, ...(from !== undefined && { [list.from]: from }) });
    entries.push(...((answer[list.entries] ?? []) as readonly Json[]));
    from = answer[list.last];
    if (from === undefined) break;
  }
  return entries;
}

/** Every place where a request names a table. */
function renamed(input: JsonObject, rename: (name: string) => string): JsonObject {
  const { TableName, RequestItems, TransactItems } = input;
  return {
    ...input,
    ...(typeof TableName === 'string' && { TableName: rename(TableName) }),
    ...(isObject(RequestItems) && {
      RequestItems: Object.fromEntries(Object.entries(RequestItems).map(([name, items]) => [rename(name), items])),
    }),
    ...(Array.isArray(TransactItems) && {
      TransactItems: TransactItems.map((item) =>
        isObject(item) ? mapped(item, (act) => (isObject(act) ? renamed(act, rename) : act)) : item,
      ),
    }),
  };
}

const mapped = (fields: JsonObject, map: (value: Json | undefined) => Json | undefined): JsonObject =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, map(value)]));

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (body: Uint8Array | string): string => (typeof body === 'string' ? body : Buffer.from(body).toString());
