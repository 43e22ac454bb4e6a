/** The control table: rows and the facts they cause in one transaction. */
import { randomUUID } from 'node:crypto';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Fact } from '../../events/define-event';
import { invalid, KeywrightError } from '../domain/errors';
import { defined } from '../domain/optional-fields';
import type { Change, ControlStore, Write } from '../domain/ports';
import { DUE_ENTITY_TYPES, type DueEntityType, type EntityType, idOf, type Rows } from '../domain/rows';
import { CONTROL_INDEXES, DUE_SHARDS, duePartition, duePlaceOf, isKey, keyOfRow } from './control-table';
import { dueItems } from './due-items';
import { askDynamo } from './dynamo-errors';
import { misplaced } from './misplaced-row';

/** A transaction takes 100 actions; the rest is left for what a caller may add later. Source: aws-sdk TransactWriteItems. */
const ACTIONS_MAX = 90;

/** A published fact is of use only to whoever looks for what was said lately. */
export const FACT_KEPT_MS = 30 * 86_400_000;

/** What the table's stream has not had published after so long is published from the index of what is due. */
const FACT_DUE_MS = 60_000;

type Item = Record<string, unknown>;
type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

const ignored = (_name: string): void => undefined;

/** The control table as a store. @param nowMs Epoch milliseconds, by which facts fall due and expire. */
export function dynamoControlStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  nowMs: () => number = Date.now,
): ControlStore {
  const table = { TableName: tableName };

  return {
    async find<N extends EntityType>(entityType: N, id: string) {
      const pk = keyOfRow(entityType, id);
      if (!isKey(pk)) return undefined;
      const { Item: item } = await askDynamo({ entityType, id }, () =>
        client.send(new GetCommand({ ...table, Key: { pk }, ConsistentRead: true })),
      );
      if (item === undefined) return undefined;
      if (!isInPlace(entityType, item)) throw misplaced(keyOfRow(entityType, id));
      return rowOf<N>(item);
    },

    async fact(factId) {
      const pk = keyOfRow('fact', factId);
      if (!isKey(pk)) return undefined;
      const { Item: item } = await askDynamo({ factId }, () =>
        client.send(new GetCommand({ ...table, Key: { pk }, ConsistentRead: true })),
      );
      return item && factOf(factId, item);
    },

    async commit(change) {
      const actions = transactionOf(change, tableName, nowMs());
      if (actions.length === 0) return;
      if (actions.length > ACTIONS_MAX) {
        throw new KeywrightError('store.refused', 'A change holds too many rows and facts: commit it in parts.', {
          actions: actions.length,
          actionsMax: ACTIONS_MAX,
        });
      }
      // The token makes the client's own repeats of this one attempt safe. A later attempt reads again and decides anew.
      const request = { TransactItems: actions, ClientRequestToken: randomUUID() };
      await askDynamo({ rows: change.writes.map(({ entityType }) => entityType) }, () =>
        client.send(new TransactWriteCommand(request)),
      );
    },

    ofKmsKey: (entityType, value, leftOut) =>
      ofNoun(
        { client, tableName },
        entityType,
        { index: CONTROL_INDEXES.byKmsKey, attribute: 'kmsKeyArn', value },
        leftOut,
      ),
    ofCustomer: (entityType, value) =>
      ofNoun({ client, tableName }, entityType, { index: CONTROL_INDEXES.byCustomer, attribute: 'customerId', value }),

    async due<N extends DueEntityType>(
      entityType: N,
      now: string,
      limit: number,
      leftOut: (key: string) => void = ignored,
      part?: number,
    ) {
      const isOurs = (item: Item) => isInPlace(entityType, item);
      const of = { of: entityType, now, limit, isInPlace: isOurs, leftOut, ...defined({ part }) };
      return (await dueItems(client, tableName, of)).map((item) => rowOf<N>(item));
    },

    async page<N extends DueEntityType>(
      entityType: N,
      { limit, after }: { readonly limit: number; readonly after?: string },
    ) {
      const [shard, start] = pageKeyOf(after);
      const answer = await askDynamo({ index: CONTROL_INDEXES.due }, () =>
        client.send(
          new QueryCommand({
            ...table,
            IndexName: CONTROL_INDEXES.due,
            KeyConditionExpression: 'due = :due',
            ExpressionAttributeValues: { ':due': duePartition(entityType, shard) },
            Limit: limit,
            ...(start && { ExclusiveStartKey: start }),
          }),
        ),
      );
      const rows = rowsOf(entityType, answer.Items);
      const next = pageAfter(shard, answer.LastEvaluatedKey);
      return { rows, ...(next && { next: JSON.stringify(next) }) };
    },
  };
}

interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

async function* pages<N extends EntityType>(
  { client, tableName }: Table,
  entityType: N,
  query: Omit<QueryCommandInput, 'TableName'>,
  leftOut: (id: string) => void,
): AsyncIterable<Rows[N]> {
  let after: Item | undefined;
  do {
    const page = await askDynamo({ index: query.IndexName }, () =>
      client.send(new QueryCommand({ TableName: tableName, ...query, ...(after && { ExclusiveStartKey: after }) })),
    );
    for (const item of page.Items ?? []) {
      if (isInPlace(entityType, item)) yield rowOf<N>(item);
      else leftOut(String(item['pk']).slice(keyOfRow(entityType, '').length));
    }
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
}

/** Rows of a noun by another attribute, in pages. */
async function* ofNoun<N extends EntityType>(
  table: Table,
  entityType: N,
  { index, attribute, value }: { readonly index: string; readonly attribute: string; readonly value: string },
  leftOut: (id: string) => void = ignored,
) {
  if (!isKey(value)) return;
  const query = {
    IndexName: index,
    KeyConditionExpression: '#attribute = :value AND begins_with(pk, :entityType)',
    ExpressionAttributeNames: { '#attribute': attribute },
    ExpressionAttributeValues: { ':value': value, ':entityType': keyOfRow(entityType, '') },
  };
  yield* pages(table, entityType, query, leftOut);
}

const name = z.string().check(z.minLength(1));

/** Where a page begins: a partition of the index of what is due, and the item before it. */
const PAGE_KEY = z.tuple([
  z.int().check(z.gte(0), z.lt(DUE_SHARDS)),
  z.optional(z.strictObject({ pk: name, due: name, dueAt: name })),
]);

/** It was in the hands of whoever asks for the page. */
function pageKeyOf(after: string | undefined): z.output<typeof PAGE_KEY> {
  if (after === undefined) return [0];
  const read = PAGE_KEY.safeParse(jsonOf(after));
  if (read.success) return read.data;
  throw invalid('after', 'must be what the page before gave as `next`. Leave it out for the first page.');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pageAfter(shard: number, last: Item | undefined): readonly [shard: number, start?: Item] | undefined {
  if (last) return [shard, last];
  return shard + 1 < DUE_SHARDS ? [shard + 1] : undefined;
}

/** The request of a change as data. */
export function transactionOf(change: Change, tableName: string, nowMs: number): TransactItem[] {
  return [
    ...change.writes.map((write) => ({ Put: { TableName: tableName, ...guardedPut(write) } })),
    ...change.facts.map((fact) => ({ Put: { TableName: tableName, ...newFact(fact, nowMs) } })),
  ];
}

function guardedPut(write: Write) {
  const item = itemOf(write);
  const read = write.row.revision;
  if (read === 0) return { Item: item, ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    Item: item,
    ConditionExpression: 'revision = :read',
    ExpressionAttributeValues: { ':read': read },
  };
}

function newFact(fact: Fact, nowMs: number) {
  return {
    Item: {
      pk: keyOfRow('fact', fact.factId),
      detailType: fact.detailType,
      detail: JSON.stringify(fact.detail),
      due: duePlaceOf('fact', fact.factId),
      dueAt: new Date(nowMs + FACT_DUE_MS).toISOString(),
      expiresAt: Math.ceil((nowMs + FACT_KEPT_MS) / 1000),
    },
    ConditionExpression: 'attribute_not_exists(pk)',
  };
}

/** A row that holds no fact was not written by a commit. */
function factOf(factId: string, { detailType, detail }: Item): Fact | undefined {
  try {
    return { factId, detailType: String(detailType), detail: JSON.parse(String(detail)) };
  } catch {
    return undefined;
  }
}

function itemOf({ entityType, row }: Write): Item {
  const id = (idOf[entityType] as (row: Rows[EntityType]) => string)(row);
  const item: Item = { ...row, pk: keyOfRow(entityType, id), revision: row.revision + 1 };
  if ((DUE_ENTITY_TYPES as readonly EntityType[]).includes(entityType) && 'dueAt' in item)
    item['due'] = duePlaceOf(entityType, id);
  return item;
}

/** Whether a row says the name that it is kept under. */
const isInPlace = (entityType: EntityType, item: Item) =>
  item['pk'] === keyOfRow(entityType, (idOf[entityType] as (row: Rows[EntityType]) => string)(rowOf(item)));

const rowsOf = <N extends EntityType>(entityType: N, items: readonly Item[] = []): Rows[N][] =>
  items.filter((item) => isInPlace(entityType, item)).map((item) => rowOf<N>(item));

function rowOf<N extends EntityType>(item: Item): Rows[N] {
  const { pk: _pk, due: _due, ...row } = item;
  return row as unknown as Rows[N];
}
