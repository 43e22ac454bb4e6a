/**
 * Which tables, indexes and items a DynamoDB request touches, and which permission each takes.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"; DynamoDB
 * Developer Guide, "Using IAM with DynamoDB transactions".
 */
import { AwsError, type Json, type JsonObject } from '../call';
import { isObject } from '../json-object';
import { own } from '../own-property';

export interface Access {
  /** The IAM action without its prefix: `PutItem`. */
  readonly action: string;
  /** Absent for what is no table's: `ListTables`. */
  readonly table?: string;
  readonly index?: string;
  /** An ARN that the request itself names. */
  readonly arn?: string;
  /** Items or keys whose partition key values `dynamodb:LeadingKeys` holds. Absent where there are none: `Scan`. */
  readonly items?: readonly JsonObject[];
}

const REQUESTS: Readonly<Record<string, (input: JsonObject) => readonly Access[]>> = {
  GetItem: (input) => [ofTable('GetItem', input, [object(input['Key'])])],
  PutItem: (input) => [ofTable('PutItem', input, [object(input['Item'])])],
  UpdateItem: (input) => [ofTable('UpdateItem', input, [object(input['Key'])])],
  DeleteItem: (input) => [ofTable('DeleteItem', input, [object(input['Key'])])],
  Query: (input) => [ofTable('Query', input, [equalities(input)])],
  Scan: (input) => [ofTable('Scan', input)],
  BatchGetItem: (input) =>
    Object.entries(object(input['RequestItems'])).map(([table, request]) => ({
      action: 'BatchGetItem',
      table,
      items: list(object(request)['Keys']).map(object),
    })),
  BatchWriteItem: (input) =>
    Object.entries(object(input['RequestItems'])).map(([table, writes]) => ({
      action: 'BatchWriteItem',
      table,
      items: list(writes).map(writtenItem),
    })),
  TransactGetItems: (input) =>
    list(input['TransactItems']).map((item) => {
      const { Get } = object(item);
      return ofTable('GetItem', object(Get), [object(object(Get)['Key'])]);
    }),
  TransactWriteItems: (input) => list(input['TransactItems']).flatMap((item) => transactWrites(object(item))),
};

const TRANSACT_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

/** PartiQL names its tables inside a statement, where nothing here reads them. */
const NOT_SERVED = new Set(['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction']);

/** Whether the answers of an operation are items only, and name no ARN. */
export function isItemOperation(operation: string): boolean {
  return Object.hasOwn(REQUESTS, operation);
}

export function accessesOf(operation: string, input: JsonObject): readonly Access[] {
  if (NOT_SERVED.has(operation)) {
    throw new AwsError(
      'ValidationException',
      `Local DynamoDB has no ${operation}: it could not check its permissions.`,
    );
  }
  const ofItems = own(REQUESTS, operation);
  if (ofItems) return ofItems(input);
  const arn = input['ResourceArn'] ?? input['StreamArn'];
  if (typeof arn === 'string') return [{ action: operation, arn }];
  return [ofTable(operation, input)];
}

function ofTable(action: string, input: JsonObject, items?: readonly JsonObject[]): Access {
  const { TableName, IndexName } = input;
  return {
    action,
    ...(typeof TableName === 'string' && { table: TableName }),
    ...(typeof IndexName === 'string' && { index: IndexName }),
    ...(items && { items }),
  };
}

function transactWrites(item: JsonObject): readonly Access[] {
  return Object.entries(item).map(([kind, write]) => {
    const { Item, Key } = object(write);
    return ofTable(own(TRANSACT_ACTIONS, kind) ?? kind, object(write), [object(Item ?? Key)]);
  });
}

function writtenItem(write: Json): JsonObject {
  const { PutRequest, DeleteRequest } = object(write);
  return object(object(PutRequest)['Item'] ?? object(DeleteRequest)['Key']);
}

/** The attributes that a key condition asks to be equal: `#pk = :pk AND begins_with(sk, :p)` gives that of `#pk`. */
function equalities(input: JsonObject): JsonObject {
  const names = object(input['ExpressionAttributeNames']);
  const values = object(input['ExpressionAttributeValues']);
  const condition = typeof input['KeyConditionExpression'] === 'string' ? input['KeyConditionExpression'] : '';
  const pairs = [...condition.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g)];
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => [String(own(names, name) ?? name), values[value]]),
  );
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
