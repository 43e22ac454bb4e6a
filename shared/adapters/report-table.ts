/**
 * The report table as data: what applications tell of themselves, in a table that holds nothing else.
 *
 * | pk                          | what                                                                              |
 * |-----------------------------|-----------------------------------------------------------------------------------|
 * | `live-kms#<quotaId>#<slot>` | what applications ask of KMS, counted: see `dynamo-live-traffic.ts`               |
 * | `key-failure#<kmsKeyArn>`   | the last failure of a key: see `dynamo-key-failures.ts`                           |
 *
 * Applications' roles may change any of it: nothing read here is believed.
 */
export const REPORT_TABLE = {
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
} as const;

/** What begins the key of a failure. The stream's filter in serverless.yml says the same. */
export const KEY_FAILURE = 'key-failure#';
