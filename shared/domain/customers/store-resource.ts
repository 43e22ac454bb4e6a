/**
 * What AWS's own stores call the thing that a record is about: the encryption context that S3, RDS, DynamoDB, EBS, Secrets Manager and
 * Lambda use KMS with names it. Registered with a data store, it says whose record of a shared key that is.
 *
 * Source: the encryption pages of each service's guide, listed beside the pattern. A context is the caller's word, so that only the
 * context of a call which the service made itself is read so.
 */
import type { EncryptionContext } from '../../../events/cloudtrail-shape';
import type { KeyUse } from '../../../events/kms-key-use';

/** Which data store a resource is. */
export interface StoreResource {
  /** As `storeResourceOf` has it. */
  readonly resource: string;
  readonly customerId: string;
  readonly dataStoreId: string;
  readonly revision: number;
}

interface StoreService {
  /** `invokedBy` of its calls. */
  readonly invokedBy: string;
  readonly resourceIn: (context: EncryptionContext, region: string) => string | undefined;
}

/** RDS stands before EBS: its contexts may name the volume as well. */
const SERVICES: readonly StoreService[] = [
  // The object's ARN, or with bucket keys the bucket's. Source: S3 guide, SSE-KMS, encryption context.
  { invokedBy: 's3.amazonaws.com', resourceIn: (context) => context['aws:s3:arn']?.split('/', 1)[0] },
  // The resource id, not the name. Source: RDS guide, encrypting resources.
  { invokedBy: 'rds.amazonaws.com', resourceIn: (context) => context['aws:rds:db-id'] ?? context['aws:rds:dbc-id'] },
  // A table's name and its account; the Region is the key's. Source: DynamoDB guide, usage notes.
  { invokedBy: 'dynamodb.amazonaws.com', resourceIn: tableIn },
  // A volume or a snapshot. Source: KMS guide, CloudTrail examples of EC2.
  { invokedBy: 'ec2.amazonaws.com', resourceIn: (context) => context['aws:ebs:id'] },
  // Source: Secrets Manager guide, secret encryption and decryption.
  { invokedBy: 'secretsmanager.amazonaws.com', resourceIn: (context) => context['SecretARN'] },
  // Source: Lambda guide, data encryption at rest.
  { invokedBy: 'lambda.amazonaws.com', resourceIn: (context) => context['aws:lambda:FunctionArn'] },
];

function tableIn(context: EncryptionContext, region: string): string | undefined {
  const { 'aws:dynamodb:tableName': table, 'aws:dynamodb:subscriberId': account } = context;
  return table && account && `dynamodb:${region}:${account}:${table}`;
}

/** What many services put in place of their names. Source: recorded records. */
const UNNAMED_SERVICE = 'AWS Internal';

/**
 * The resource that a call is about, as the service that made it says: `arn:aws:s3:::invoices`, `db-ABCDEF`, `vol-0123`, the ARN of a
 * secret or a function, `dynamodb:eu-central-1:111122223333:orders`. Undefined for whatever a service did not call by itself.
 */
export function storeResourceOf(
  { invokedBy }: Pick<KeyUse, 'invokedBy'>,
  kmsKeyArn: string | undefined,
  context: EncryptionContext | undefined,
): string | undefined {
  if (invokedBy === undefined || kmsKeyArn === undefined || context === undefined) return undefined;
  const region = kmsKeyArn.split(':')[3] ?? '';
  for (const service of SERVICES) {
    const isCaller = invokedBy === service.invokedBy || invokedBy === UNNAMED_SERVICE;
    const resource = isCaller ? service.resourceIn(context, region) : undefined;
    if (resource) return resource;
  }
  return undefined;
}
