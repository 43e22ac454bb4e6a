/**
 * CloudTrail records of changes of IAM roles, as EventBridge delivers them: in us-east-1 alone, so that whoever is to hear of them has a
 * rule there. Tolerant by rule: only what this product reads is checked.
 * Source: IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail"; IAM API reference, the operations.
 */
import { callerNameOf } from './caller-name';
import { CLOUDTRAIL_RECORD, type CloudTrailRecord } from './cloudtrail-record';
import { faultIn, readerOf, type Shape } from './cloudtrail-shape';
import { ContractViolation } from './define-event';
import { withMilliseconds } from './kms-key-use';

/** The EventBridge source of every event about IAM. */
export const IAM_SOURCE = 'aws.iam';

/** After these a role lets others in, or may do, something else than before. */
export const ROLE_CHANGES = [
  'AttachRolePolicy',
  'CreateRole',
  'DeleteRole',
  'DeleteRolePermissionsBoundary',
  'DeleteRolePolicy',
  'DetachRolePolicy',
  'PutRolePermissionsBoundary',
  'PutRolePolicy',
  'UpdateAssumeRolePolicy',
] as const;

const text = { is: 'string' } as const;
const RECORD = {
  ...CLOUDTRAIL_RECORD,
  userIdentity: { fields: { arn: text, accountId: text } },
  errorCode: text,
  requestParameters: { fields: { roleName: text } },
  recipientAccountId: { is: 'account' },
} as const satisfies Shape;
const reader = readerOf(RECORD);

type Maybe<Value> = Value | null | undefined;
interface IamRecord extends CloudTrailRecord {
  readonly userIdentity?: Maybe<{ readonly arn?: Maybe<string>; readonly accountId?: Maybe<string> }>;
  readonly errorCode?: Maybe<string>;
  readonly requestParameters?: Maybe<{ readonly roleName?: Maybe<string> }>;
  readonly recipientAccountId?: Maybe<string>;
}

/** A role that was changed. */
export interface RoleChange {
  readonly operation: string;
  readonly roleName: string;
  /** UTC with milliseconds. */
  readonly at: string;
  /** Whose copy of the record it is, and whose role. */
  readonly recipientAccountId: string;
  readonly callerAccountId?: string | undefined;
  readonly callerName?: string | undefined;
  readonly outcome: 'ok';
}

/**
 * The change in a record; undefined where it is none, or failed.
 *
 * @throws ContractViolation naming the field at fault.
 */
export function readRoleChange(detail: unknown): RoleChange | undefined {
  const fault = faultIn(reader, detail, 'record');
  if (fault) throw new ContractViolation(fault.path, fault.problem);
  const { eventName, eventTime, errorCode, requestParameters, recipientAccountId, userIdentity } = detail as IamRecord;
  const roleName = requestParameters?.roleName;
  const isChange = (ROLE_CHANGES as readonly string[]).includes(eventName) && !errorCode;
  if (!isChange || !roleName || !recipientAccountId) return undefined;
  return {
    operation: eventName,
    roleName,
    at: withMilliseconds(eventTime),
    recipientAccountId,
    callerAccountId: userIdentity?.accountId ?? undefined,
    callerName: userIdentity ? callerNameOf(userIdentity) : undefined,
    outcome: 'ok',
  };
}
