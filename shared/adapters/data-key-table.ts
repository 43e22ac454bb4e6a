/**
 * The data-key table as data: one item a data key.
 *
 * | key       | attributes                                                                                        |
 * |-----------|---------------------------------------------------------------------------------------------------|
 * | table     | `pk` = `<customerId>#<dataStoreId>`, `sk` = `<dataKeyId>`: the newest of a data store is the last |
 * | by-wrapping | `wrapping` = `<kmsKeyArn>#<keyMaterialId>#<shard>`, `name` = `<pk>#<sk>`: what is under a key    |
 */
export const DATA_KEY_INDEX = 'by-wrapping';

export const DATA_KEY_TABLE = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'wrapping', AttributeType: 'S' },
    { AttributeName: 'name', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: DATA_KEY_INDEX,
      KeySchema: [
        { AttributeName: 'wrapping', KeyType: 'HASH' },
        { AttributeName: 'name', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
} as const;
