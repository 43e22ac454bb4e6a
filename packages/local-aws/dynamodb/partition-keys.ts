/** Which attribute is the partition key of a table or index: asked of the engine once, since it never changes. */
import { AwsError, type JsonObject } from '../call';
import { own } from '../own-property';
import type { Access } from './accesses';
import type { Upstream } from './upstream';

export function partitionKeys(engine: Upstream) {
  const known = new Map<string, Readonly<Record<string, string>>>();

  /** Index name -> attribute; the table itself under the empty name. Empty for a table that is not there. */
  const keysOf = async (table: string): Promise<Readonly<Record<string, string>>> => {
    const found = known.get(table);
    if (found) return found;
    try {
      const { Table } = await engine.ask('DynamoDB_20120810.DescribeTable', { TableName: table });
      const keys = keySchemas(Table as unknown as Described);
      known.set(table, keys);
      return keys;
    } catch (error) {
      if (error instanceof AwsError && error.status < 500) return {};
      throw error;
    }
  };

  return {
    forget(table: unknown) {
      if (typeof table === 'string') known.delete(table);
    },
    async valuesOf({ table = '', index = '', items = [] }: Access): Promise<readonly string[]> {
      const attribute = (await keysOf(table))[index];
      if (attribute === undefined) return [];
      const values = items.map((item) => own(item, attribute));
      return [...new Set(values.flatMap((value) => (value ? Object.values(value as JsonObject).map(String) : [])))];
    },
  };
}

interface KeySchema {
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[];
}
type Index = KeySchema & { readonly IndexName: string };
type Described = KeySchema & {
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly LocalSecondaryIndexes?: readonly Index[];
};

function keySchemas(table: Described): Record<string, string> {
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  const named = [{ IndexName: '', KeySchema: table.KeySchema }, ...indexes];
  return Object.fromEntries(
    named.map(({ IndexName, KeySchema }) => [
      IndexName,
      KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '',
    ]),
  );
}
