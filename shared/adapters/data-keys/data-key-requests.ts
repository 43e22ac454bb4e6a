/** What is asked of the data-key table, in DynamoDB's words. */
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { DataStoreName } from '../../domain/customers/customer';
import type { ErrorDetails } from '../../domain/errors';
import type { DataKey, DataKeyName } from '../../domain/keys/data-key';
import type { DataKeyStore, PageOf, Wrapping } from '../../domain/keys/ports';
import { DATA_KEY_INDEX } from '../data-key-table';
import { type Item, partitionOf, storeKeyOf } from './data-key-items';

/** Of the index: one shard of a wrapping, of all data stores or of one. */
export const underWrapping = (tableName: string, wrapping: Wrapping, shard: number, within?: DataStoreName) => ({
  TableName: tableName,
  IndexName: DATA_KEY_INDEX,
  KeyConditionExpression: `wrapping = :wrapping${within ? ' AND begins_with(#name, :store)' : ''}`,
  ...(within && { ExpressionAttributeNames: { '#name': 'name' } }),
  ExpressionAttributeValues: {
    ':wrapping': partitionOf(wrapping, shard),
    ...(within && { ':store': `${storeKeyOf(within)}#` }),
  },
});

/** Of the table, strongly consistent: the data keys of one data store. */
export const inDataStore = (
  tableName: string,
  dataStore: DataStoreName,
  request: Omit<QueryCommandInput, 'TableName'>,
) => ({
  TableName: tableName,
  ...request,
  KeyConditionExpression: 'pk = :pk',
  ExpressionAttributeValues: { ...request.ExpressionAttributeValues, ':pk': storeKeyOf(dataStore) },
  ConsistentRead: true,
});

interface Filtered {
  readonly FilterExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

type Under = Omit<Parameters<DataKeyStore['scan']>[0], 'within'>;

/** What of a scan is asked for: see `DataKeyStore.scan`. */
export function filterOf({ kmsKeyArn, exceptKeyMaterialId, evenFormerly }: Under): Filtered {
  if (kmsKeyArn === undefined) return {};
  const material = exceptKeyMaterialId === undefined ? '' : ' AND keyMaterialId <> :material';
  const isUnder = `kmsKeyArn = :key${material}`;
  return {
    FilterExpression: evenFormerly ? `(${isUnder} OR attribute_exists(formerly.#key))` : isUnder,
    ExpressionAttributeValues: { ':key': kmsKeyArn, ...(material && { ':material': exceptKeyMaterialId }) },
    ...(evenFormerly && { ExpressionAttributeNames: { '#key': kmsKeyArn } }),
  };
}

/** The same request without what a job has quarantined. */
export function withoutQuarantined<Request extends Filtered>(
  request: Request,
  { exceptQuarantinedBy }: PageOf,
): Request {
  if (exceptQuarantinedBy === undefined) return request;
  const others = '(attribute_not_exists(quarantined) OR quarantined.jobId <> :job)';
  return {
    ...request,
    FilterExpression: request.FilterExpression === undefined ? others : `${request.FilterExpression} AND ${others}`,
    ExpressionAttributeValues: { ...request.ExpressionAttributeValues, ':job': exceptQuarantinedBy },
  };
}

/** Where a page ended is told as the table's own key of its last row, which may have been put there by anybody. */
export const pageOf = (dataKeys: readonly DataKey[], end: Item | undefined) =>
  end === undefined ? { dataKeys } : { dataKeys, next: JSON.stringify(end) };

/** Where the next page begins. */
export const behind = (after: string | undefined): { readonly ExclusiveStartKey?: Item } =>
  after === undefined ? {} : { ExclusiveStartKey: JSON.parse(after) };

/** A data key as an error names it. */
export const nameIn = ({ customerId, dataStoreId, dataKeyId }: DataKeyName): ErrorDetails => ({
  customerId,
  dataStoreId,
  dataKeyId,
});
