/**
 * KMS records that the writing of a stream causes itself: recorded, each would cause the next without end.
 *
 * Every append signs a checkpoint, which CloudTrail records, and has DynamoDB unwrap the key of the control table now and
 * then. Signatures stand in the streams already, as checkpoints. Nothing else that a record causes needs KMS, so one
 * record makes no second one. Other calls with the same keys, by anybody else, are recorded like any other.
 */
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import type { KeyUse } from '../../../events/kms-key-use';

/** What writes the streams. */
export interface StreamWriter {
  /** The role of append-audit. */
  readonly roleArn: string;
  /** The KMS key that signs checkpoints. */
  readonly signingKeyArn: string;
  readonly controlTableName: string;
}

/** @returns why the record is left out; undefined for one that is to be recorded. */
export function selfCaused(record: KmsRecord, use: KeyUse, writer: StreamWriter): string | undefined {
  if (isOwnSignature(record, use, writer)) return 'it signed a checkpoint of a stream, which shows it';
  if (isOwnTable(use, writer)) return 'DynamoDB unwrapped the key of the control table';
  return undefined;
}

/** Also one that failed, and names no key then: recorded, it would be tried again at once. */
function isOwnSignature({ userIdentity }: KmsRecord, { operation, keys }: KeyUse, writer: StreamWriter): boolean {
  const session = writer.roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
  const isWriter = userIdentity?.arn?.startsWith(`${session}/`) === true;
  return isWriter && operation === 'Sign' && keys.every(({ kmsKeyArn }) => kmsKeyArn === writer.signingKeyArn);
}

/** AWS says who called, and the context which table. Source: DynamoDB guide, "Monitoring DynamoDB encryption using CloudTrail". */
function isOwnTable({ invokedBy, keys }: KeyUse, { controlTableName }: StreamWriter): boolean {
  const tables = keys.map((key) => key.encryptionContext?.['aws:dynamodb:tableName']);
  return (
    invokedBy === 'dynamodb.amazonaws.com' && tables.length > 0 && tables.every((name) => name === controlTableName)
  );
}
