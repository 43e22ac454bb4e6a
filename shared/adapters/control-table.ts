/**
 * The control table as data: one item a row, named by a single key.
 *
 * | pk              | what                                                                                  |
 * |-----------------|---------------------------------------------------------------------------------------|
 * | `<noun>#<id>`   | a row of `shared/domain/rows.ts`, its fields as top-level attributes                  |
 * | `fact#<factId>` | a fact of the outbox: `detailType`, `detail` (JSON text), `expiresAt` (epoch seconds) |
 *
 * Audit heads, marks and batches live beside them under nouns of their own. A fact is in the index of what is due until it
 * was published, or was `parked` with the reason why it never can be.
 */
import { DUE_PARTS } from '../domain/ports';
import { stableHash } from '../domain/stable-hash';

/** Which indexes there are. Each holds whole items and only those that have its key attributes. */
export const CONTROL_INDEXES = {
  byKmsKey: 'by-kms-key',
  byCustomer: 'by-customer',
  due: 'due',
} as const;

export const CONTROL_TABLE = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'kmsKeyArn', AttributeType: 'S' },
    { AttributeName: 'customerId', AttributeType: 'S' },
    { AttributeName: 'due', AttributeType: 'S' },
    { AttributeName: 'dueAt', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    index(CONTROL_INDEXES.byKmsKey, 'kmsKeyArn', 'pk'),
    index(CONTROL_INDEXES.byCustomer, 'customerId', 'pk'),
    index(CONTROL_INDEXES.due, 'due', 'dueAt'),
  ],
} as const;

/** The attribute by which DynamoDB removes published facts. */
export const CONTROL_TTL_ATTRIBUTE = 'expiresAt';

/** What names the item of a row. */
export const keyOfRow = (entityType: string, id: string): string => `${entityType}#${id}`;

/** A partition key takes so many bytes of UTF-8, and a sort key half of it. Source: DynamoDB guide, quotas, primary keys. */
const KEY_BYTES_MAX = 2048;
const SORT_KEY_BYTES_MAX = 1024;

/** Whether DynamoDB takes the text as a partition key: what it would refuse names nothing that is in the table. */
export const isKey = (text: string): boolean => isKeyOf(text, KEY_BYTES_MAX);

/** Whether DynamoDB takes the text as a sort key. */
export const isSortKey = (text: string): boolean => isKeyOf(text, SORT_KEY_BYTES_MAX);

const isKeyOf = (text: string, bytesMax: number): boolean =>
  text !== '' && !/\p{Surrogate}/u.test(text) && Buffer.byteLength(text) <= bytesMax;

/** The partitions of the index of what is due: its parts, so that no single one takes every write. */
export const DUE_SHARDS = DUE_PARTS;

/** The name of one partition of the index of what is due. */
export const duePartition = (entityType: string, shard: number): string => `${entityType}#${shard}`;

/** The partition of the index of what is due that a row is in. */
export const duePlaceOf = (entityType: string, id: string): string =>
  duePartition(entityType, stableHash(id) % DUE_SHARDS);

function index<Name extends string, Hash extends string, Range extends string>(name: Name, hash: Hash, range: Range) {
  return {
    IndexName: name,
    KeySchema: [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: range, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'ALL' },
  } as const;
}
