/**
 * An entry as an event of OCSF 1.8: API Activity, class 6003, with the profile `cloud`. The entry itself is `raw_data`, as text: what is
 * read from it has the bytes of the log. Source: schema.ocsf.io, release 1.8.0.
 */
import { originOf } from '../../audit/log/checkpoint';
import { defined } from '../../optional-fields';
import type { EntryView } from '../entry-view';
import type { Formatted } from './formatted';

const VERSION = '1.8.0';
const CATEGORY = 6;
const CLASS = 6003;
const INFORMATIONAL = 1;

/** `activity_id`: of API Activity. */
const ACTIVITY = { create: 1, read: 2, update: 3, delete: 4, other: 99 } as const;
const ACTIVITY_NAMES = { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' } as const;

/** `status_id`. */
const STATUS = { ok: 1, 'dry-run-ok': 1, failed: 2 } as const;
const NO_STATUS = 0;

/** `user.type_id`. */
const USER_TYPES: Readonly<Record<string, number>> = { IAMUser: 1, Root: 2, AWSService: 4, AWSAccount: 99 };
const UNKNOWN = 0;

/** What OCSF 1.8 says of the entry. */
export function ocsfOf(entry: EntryView): Formatted {
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(apiActivity(entry))) };
}

function apiActivity(entry: EntryView) {
  const { bytes, index, customerId, eventId, at, kind, operation, outcome, errorCode, source } = entry;
  const activity = activityOf(kind, operation);
  const raw = new TextDecoder().decode(bytes);
  const [region, account] = [textIn(source, 'region'), textIn(source, 'accountId')];
  return {
    category_uid: CATEGORY,
    category_name: 'Application Activity',
    class_uid: CLASS,
    class_name: 'API Activity',
    activity_id: activity,
    activity_name: ACTIVITY_NAMES[activity as keyof typeof ACTIVITY_NAMES] ?? operation,
    type_uid: CLASS * 100 + activity,
    severity_id: INFORMATIONAL,
    time: Date.parse(at),
    status_id: STATUS[outcome as keyof typeof STATUS] ?? NO_STATUS,
    ...defined({ status_code: errorCode }),
    message: `${operation}${outcome === undefined ? '' : `: ${outcome}`}`,
    metadata: {
      version: VERSION,
      profiles: ['cloud'],
      product: { name: 'Keywright', vendor_name: 'Keywright' },
      uid: eventId,
      ...(index >= 0 && { sequence: index }),
      log_name: originOf(customerId),
      tenant_uid: customerId,
      original_time: at,
    },
    actor: actorOf(entry),
    api: {
      operation,
      service: { name: kind === 'fact' || kind === 'test' ? 'keywright' : 'kms.amazonaws.com' },
      ...(errorCode !== undefined && { response: { error: errorCode } }),
      ...requestOf(entry),
    },
    src_endpoint: endpointOf(entry),
    cloud: { provider: 'AWS', ...defined({ region }), ...(account !== undefined && { account: { uid: account } }) },
    ...(entry.kmsKeyArns.length > 0 && {
      resources: entry.kmsKeyArns.map((uid) => ({ uid, type: 'AWS::KMS::Key' })),
    }),
    raw_data: raw,
    raw_data_size: bytes.length,
  };
}

/** A use of a key neither makes nor changes anything: it is called by its own name. */
function activityOf(kind: string, operation: string): number {
  if (kind === 'read') return ACTIVITY.read;
  if (kind !== 'key-management') return ACTIVITY.other;
  if (operation.startsWith('Create')) return ACTIVITY.create;
  return /^(Delete|ScheduleKeyDeletion|RevokeGrant|RetireGrant)/.test(operation) ? ACTIVITY.delete : ACTIVITY.update;
}

function actorOf({ caller, fact }: EntryView) {
  const [arn, accountId, type] = ['arn', 'accountId', 'type'].map((name) => textIn(caller, name));
  if (arn !== undefined || accountId !== undefined)
    return {
      user: {
        ...defined({ uid: arn, type }),
        type_id: USER_TYPES[type ?? ''] ?? UNKNOWN,
        ...(accountId !== undefined && { account: { uid: accountId } }),
      },
    };
  const by = textIn(caller, 'invokedBy') ?? textIn(fact, 'changedBy') ?? textIn(fact, 'requestedBy');
  return { app_name: by ?? 'keywright' };
}

const requestOf = ({ record }: EntryView) => {
  const uid = textIn(record, 'requestID');
  return uid === undefined ? {} : { request: { uid } };
};

/** CloudTrail names an address, or the service of AWS that called. */
function endpointOf({ record }: EntryView) {
  const from = textIn(record, 'sourceIPAddress');
  if (from === undefined) return { svc_name: 'keywright' };
  return /^[\d.]+$|:/.test(from) ? { ip: from } : { svc_name: from };
}

function textIn(members: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = members[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
