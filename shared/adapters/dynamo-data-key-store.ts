/** The data-key table: wrapped data keys, what they are called by and what they are wrapped under. */
import { randomUUID } from 'node:crypto';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { hasCode, KeywrightError } from '../domain/errors';
import { BATCH_MAX, type DataKey, type DataKeyName } from '../domain/keys/data-key';
import type { DataKeyStore } from '../domain/keys/ports';
import { dataStoreKey } from '../domain/rows';
import { keyOfRow } from './control-table';
import { dataKeyOf, inPlace, isWhole, itemOf, keyOf } from './data-keys/data-key-items';
import { dataKeyPages } from './data-keys/data-key-pages';
import { inDataStore, nameIn } from './data-keys/data-key-requests';
import { itemsAt } from './data-keys/read-items';
import { askDynamo, storeError } from './dynamo-errors';

/** @param controlTableName Where the data stores are: a new data key is stored under the key that its data store names. */
export function dynamoDataKeyStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  controlTableName: string,
): DataKeyStore {
  const table = { TableName: tableName };
  return {
    ...dataKeyPages(client, tableName),

    async find(name) {
      const { Item: item } = await askDynamo(nameIn(name), () =>
        client.send(new GetCommand({ ...table, Key: keyOf(name), ConsistentRead: true })),
      );
      return item && inPlace(item);
    },

    async findAll(names) {
      if (names.length > BATCH_MAX) throw new RangeError(`at most ${BATCH_MAX} data keys are read together`);
      return (await itemsAt(client, tableName, names.map(keyOf))).filter(isWhole).map(dataKeyOf);
    },

    async newest(customerId, dataStoreId) {
      const newestFirst = inDataStore(tableName, { customerId, dataStoreId }, { ScanIndexForward: false, Limit: 1 });
      const page = await askDynamo({ customerId, dataStoreId }, () => client.send(new QueryCommand(newestFirst)));
      const [newest] = page.Items ?? [];
      return newest && inPlace(newest);
    },

    async create(dataKey) {
      const created = { ...dataKey, revision: 1 };
      const put = { ...table, Item: itemOf(created), ConditionExpression: 'attribute_not_exists(pk)' };
      const check = { TableName: controlTableName, ...namesKey(dataKey) };
      const actions = { TransactItems: [{ Put: put }, { ConditionCheck: check }], ClientRequestToken: randomUUID() };
      await askDynamo(nameIn(dataKey), () => client.send(new TransactWriteCommand(actions)));
      return created;
    },

    async replace(dataKey) {
      const replaced = { ...dataKey, revision: dataKey.revision + 1 };
      const read = {
        ConditionExpression: 'revision = :read',
        ExpressionAttributeValues: { ':read': dataKey.revision },
      };
      const put = new PutCommand({ ...table, Item: itemOf(replaced), ...read });
      await askDynamo(nameIn(dataKey), () => client.send(put).catch(refusedRow(dataKey)));
      return replaced;
    },
  };
}

const namesKey = ({ customerId, dataStoreId, kmsKeyArn }: Omit<DataKey, 'revision'>) => ({
  Key: { pk: keyOfRow('data-store', dataStoreKey(customerId, dataStoreId)) },
  ConditionExpression: 'kmsKeyArn = :key',
  ExpressionAttributeValues: { ':key': kmsKeyArn },
});

/** What is refused of a data key that is written again is this row, not the table. */
const refusedRow = (name: DataKeyName) => (error: unknown) => {
  const refused = storeError(error, nameIn(name));
  if (!hasCode(refused, 'store.refused') || refused.details['awsError'] !== 'ValidationException') throw refused;
  const message =
    'DynamoDB does not take the data key’s row. Find out who wrote what is in it, and put back what was there.';
  throw new KeywrightError('store.row-refused', message, nameIn(name), { cause: error });
};
