/**
 * KMS records that the writing of a stream causes itself: recorded like any other, each would cause the next without end.
 *
 * Every append signs a checkpoint, which CloudTrail records, and has DynamoDB unwrap the key of the control table now and
 * then. Their entries are deferred: they have their place at once, and no signature of their own. Nothing is left out, since
 * no field of a record proves who holds the role's credentials.
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

/** Whether a record is of what writing a stream does itself: its entry is deferred. */
export const isSelfCaused = (record: KmsRecord, use: KeyUse, writer: StreamWriter): boolean =>
  isOwnSignature(record, use, writer) || isOwnTable(use, writer);

/** The functions that sign checkpoints: their roles differ by these names. */
const WRITERS = ['append-audit', 'sign-heartbeats'];

/** Also one that failed, and names no key then: it is tried again, and would be for each record of it. */
function isOwnSignature({ userIdentity }: KmsRecord, { operation, keys }: KeyUse, writer: StreamWriter): boolean {
  const session = writer.roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
  const sessions = WRITERS.map((name) => `${session.replace(/append-audit$/, name)}/`);
  const isWriter = sessions.some((each) => userIdentity?.arn?.startsWith(each));
  return isWriter && operation === 'Sign' && keys.every(({ kmsKeyArn }) => kmsKeyArn === writer.signingKeyArn);
}

/** AWS says who called, and the context whose table. Source: DynamoDB guide, "Monitoring DynamoDB encryption using CloudTrail". */
function isOwnTable(use: KeyUse, { controlTableName }: StreamWriter): boolean {
  const context = use.keys[0]?.encryptionContext;
  return (
    use.operation === 'Decrypt' &&
    use.invokedBy === 'dynamodb.amazonaws.com' &&
    context?.['aws:dynamodb:tableName'] === controlTableName &&
    context['aws:dynamodb:subscriberId'] === use.recipientAccountId
  );
}
