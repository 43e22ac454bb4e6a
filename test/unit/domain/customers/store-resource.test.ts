import { readKeyEvent } from '../../../../shared/domain/audit/read-key-event';
import { storeResourceOf } from '../../../../shared/domain/customers/store-resource';
import { keyEventWorld, SHARED_KEY } from '../../../support/key-event-world';
import { aRecord, received, viaCloudTrail } from '../../../support/key-events';
import { OUR_ACCOUNT, REGION } from '../../../support/make';

const SECRET = `arn:aws:secretsmanager:${REGION}:${OUR_ACCOUNT}:secret:orders-AbCdEf`;
const FUNCTION = `arn:aws:lambda:${REGION}:${OUR_ACCOUNT}:function:orders`;
const TABLE = { 'aws:dynamodb:tableName': 'orders', 'aws:dynamodb:subscriberId': OUR_ACCOUNT };

/** What each store uses KMS with, and what it is called. */
const STORES: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['s3.amazonaws.com', { 'aws:s3:arn': 'arn:aws:s3:::invoices/2026/11.pdf' }, 'arn:aws:s3:::invoices'],
  ['s3.amazonaws.com', { 'aws:s3:arn': 'arn:aws:s3:::invoices' }, 'arn:aws:s3:::invoices'],
  ['rds.amazonaws.com', { 'aws:rds:db-id': 'db-ABCDEF', 'aws:ebs:id': 'vol-0123' }, 'db-ABCDEF'],
  ['AWS Internal', { 'aws:rds:dbc-id': 'cluster-ABCDEF' }, 'cluster-ABCDEF'],
  ['dynamodb.amazonaws.com', TABLE, `dynamodb:${REGION}:${OUR_ACCOUNT}:orders`],
  ['AWS Internal', { 'aws:ebs:id': 'vol-0123' }, 'vol-0123'],
  ['secretsmanager.amazonaws.com', { SecretARN: SECRET, SecretVersionId: 'one' }, SECRET],
  ['lambda.amazonaws.com', { 'aws:lambda:FunctionArn': FUNCTION }, FUNCTION],
];

test.each(STORES)('what %s writes beside a key names the store: %j', (invokedBy, context, resource) => {
  expect(storeResourceOf({ invokedBy }, SHARED_KEY, context)).toBe(resource);
});

test.each([
  ['a person', undefined, { 'aws:s3:arn': 'arn:aws:s3:::invoices' }],
  ['another service', 'lambda.amazonaws.com', { 'aws:s3:arn': 'arn:aws:s3:::invoices' }],
  ['a service that names a table of nobody', 'dynamodb.amazonaws.com', { 'aws:dynamodb:tableName': 'orders' }],
  ['a service without a context', 'AWS Internal', undefined],
])('what %s says names no store', (_who, invokedBy, context) => {
  expect(storeResourceOf({ invokedBy }, SHARED_KEY, context)).toBeUndefined();
});

const streamsOf = async (
  invokedBy: string | undefined,
  context: Readonly<Record<string, string>>,
  ARN = SHARED_KEY,
) => {
  const { control, ports } = keyEventWorld();
  const rows = STORES.map(([, , resource]) => ({ resource, customerId: 'acme', dataStoreId: 'orders', revision: 1 }));
  control.given('store-resource', ...rows);
  const record = aRecord({
    userIdentity: { type: 'AssumedRole', accountId: OUR_ACCOUNT, ...(invokedBy && { invokedBy }) },
    requestParameters: { encryptionContext: context },
    resources: [{ accountId: OUR_ACCOUNT, ARN }],
  });
  const effects = await readKeyEvent(received(viaCloudTrail(record)), ports);
  return 'entries' in effects ? effects.entries.map(({ customerId }) => customerId) : [];
};

test.each(STORES)(
  'a shared key’s use by %s is in the stream of the customer whose store it is',
  async (by, context) => {
    expect(await streamsOf(by, context)).toEqual(['acme']);
  },
);

test('a store that nobody registered, and one that a caller made up, are the operator’s', async () => {
  const operator = ['keywright:operator'];
  const bucket = { 'aws:s3:arn': 'arn:aws:s3:::invoices/1' };
  expect(await streamsOf('s3.amazonaws.com', { 'aws:s3:arn': 'arn:aws:s3:::others/1' })).toEqual(operator);
  expect(await streamsOf(undefined, bucket)).toEqual(operator);
  expect(await streamsOf('lambda.amazonaws.com', bucket)).toEqual(operator);
});
