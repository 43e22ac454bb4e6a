import { AwsError, type Json, type JsonObject } from '../../call';
import { type Context, type Kind, type Made, picked } from '../kind';

/** Properties that CreateTable takes as the template writes them. */
const SAME = [
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'TableClass',
  'DeletionProtectionEnabled',
  'Tags',
];

type Call = (operation: string, input: JsonObject) => Promise<JsonObject>;

const table: Kind = {
  async make(properties, context) {
    const call: Call = (operation, input) => dynamodb(context, operation, input);
    const TableName = String(properties['TableName'] ?? context.generatedName);
    const isNew = await create(call, { ...inputOf(properties), TableName });
    if (!isNew) await addIndexes(call, TableName, properties);
    await setTimeToLive(call, TableName, properties['TimeToLiveSpecification']);
    const recovery = properties['PointInTimeRecoverySpecification'];
    if (recovery) await call('UpdateContinuousBackups', { TableName, PointInTimeRecoverySpecification: recovery });
    return madeOf(await call('DescribeTable', { TableName }), TableName);
  },
};

export const DYNAMODB_KINDS: Readonly<Record<string, Kind>> = { 'AWS::DynamoDB::Table': table };

async function dynamodb(context: Context, operation: string, input: JsonObject): Promise<JsonObject> {
  const answer = await context.http('dynamodb', {
    method: 'POST',
    path: '/',
    headers: { 'x-amz-target': `DynamoDB_20120810.${operation}`, 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(input),
  });
  return JSON.parse(Buffer.from(answer.body).toString('utf8') || '{}') as JsonObject;
}

function inputOf(properties: JsonObject): JsonObject {
  const stream = properties['StreamSpecification'] as JsonObject | undefined;
  const encryption = properties['SSESpecification'] as JsonObject | undefined;
  return {
    ...picked(properties, SAME),
    ...(stream && { StreamSpecification: { StreamEnabled: true, ...stream } }),
    ...(encryption && {
      SSESpecification: { Enabled: encryption['SSEEnabled'], ...without(encryption, 'SSEEnabled') },
    }),
  };
}

/** @returns whether the table is new; one that is there keeps its data. */
async function create(call: Call, input: JsonObject): Promise<boolean> {
  try {
    await call('CreateTable', input);
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code.endsWith('ResourceInUseException')) return false;
    throw error;
  }
}

/** A newer template may ask an existing table for one more index. */
async function addIndexes(call: Call, TableName: string, properties: JsonObject): Promise<void> {
  const wanted = (properties['GlobalSecondaryIndexes'] ?? []) as readonly JsonObject[];
  const { Table } = await call('DescribeTable', { TableName });
  const present = ((Table as JsonObject)['GlobalSecondaryIndexes'] ?? []) as readonly JsonObject[];
  const names = new Set(present.map(({ IndexName }) => IndexName));
  for (const index of wanted.filter(({ IndexName }) => !names.has(IndexName)))
    await call('UpdateTable', {
      TableName,
      AttributeDefinitions: properties['AttributeDefinitions'],
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
}

async function setTimeToLive(call: Call, TableName: string, specification: Json | undefined): Promise<void> {
  if (specification === undefined) return;
  try {
    await call('UpdateTimeToLive', { TableName, TimeToLiveSpecification: specification });
  } catch (error) {
    // DynamoDB refuses to enable what is enabled.
    const isSet = error instanceof AwsError && error.message.includes('already enabled');
    if (!isSet) throw error;
  }
}

function madeOf(described: JsonObject, physicalId: string): Made {
  const { TableArn, LatestStreamArn } = described['Table'] as { TableArn: string; LatestStreamArn?: string };
  return { physicalId, attributes: { Arn: TableArn, ...(LatestStreamArn && { StreamArn: LatestStreamArn }) } };
}

function without(fields: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
}
