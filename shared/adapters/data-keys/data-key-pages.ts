/** The data-key table as those read it who work through many data keys. */
import { type DynamoDBDocumentClient, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { SHARDS } from '../../domain/keys/data-key';
import type { DataKeyStore } from '../../domain/keys/ports';
import { askDynamo } from '../dynamo-errors';
import { dataKeyOf, type Item, partitionOf, storeKeyOf } from './data-key-items';
import { behind, filterOf, inDataStore, pageOf, underWrapping, withoutQuarantined } from './data-key-requests';
import { itemsAt } from './read-items';

/** `underWrapping`, `countUnder` and `scan` of a `DataKeyStore`. */
export function dataKeyPages(
  client: DynamoDBDocumentClient,
  tableName: string,
): Pick<DataKeyStore, 'underWrapping' | 'countUnder' | 'scan'> {
  return {
    async underWrapping(wrapping, shard, page) {
      const { after, limit, within, inTable } = page;
      const asked = withoutQuarantined(underWrapping(tableName, wrapping, shard, within), page);
      const answer = await askDynamo({ ...wrapping, shard }, () =>
        client.send(new QueryCommand({ ...asked, ...behind(after), Limit: limit })),
      );
      // The index goes by what a row says.
      const found = (answer.Items ?? []).filter(({ pk }) => within === undefined || pk === storeKeyOf(within));
      const there = inTable ? await stillUnder(partitionOf(wrapping, shard), found, client, tableName) : found;
      return pageOf(there.map(dataKeyOf), answer.LastEvaluatedKey);
    },

    async countUnder(wrapping, shard, within) {
      let count = 0;
      let after: Item | undefined;
      do {
        const asked = underWrapping(tableName, wrapping, shard, within);
        const from = after && { ExclusiveStartKey: after };
        const answer = await askDynamo({ ...wrapping, shard }, () =>
          client.send(new QueryCommand({ ...asked, ...from, Select: 'COUNT' })),
        );
        count += answer.Count ?? 0;
        after = answer.LastEvaluatedKey;
      } while (after !== undefined);
      return count;
    },

    async scan({ within, ...under }, segment, page) {
      const asked = {
        ...withoutQuarantined({ TableName: tableName, ...filterOf(under) }, page),
        ...behind(page.after),
        ConsistentRead: true,
      };
      const answer = await askDynamo({ ...under, segment }, () =>
        within
          ? client.send(new QueryCommand(inDataStore(tableName, within, asked)))
          : client.send(new ScanCommand({ ...asked, Segment: segment, TotalSegments: SHARDS })),
      );
      const { Items: found = [] } = answer;
      const kept = found.slice(0, page.limit);
      const last = kept.at(-1);
      // A page of DynamoDB holds up to 1 MB, often more than was asked for: the next one begins after the last one kept.
      const end = kept.length < found.length && last ? { pk: last['pk'], sk: last['sk'] } : answer.LastEvaluatedKey;
      return pageOf(kept.map(dataKeyOf), end);
    },
  };
}

/** Those of the items of the index that the table itself has there still. */
async function stillUnder(
  partition: string,
  found: readonly Item[],
  client: DynamoDBDocumentClient,
  tableName: string,
): Promise<readonly Item[]> {
  const keys = found.map(({ pk, sk }) => ({ pk, sk }));
  return (await itemsAt(client, tableName, keys)).filter((item) => item['wrapping'] === partition);
}
