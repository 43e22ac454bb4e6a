/** Which of our functions made a call, and what for: by its role, of which each function has one of its own. */
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import type { KeyUse } from '../../../events/kms-key-use';
import type { OwnCall } from './received-record';
import type { StreamWriter } from './self-caused-records';

/** What a function uses keys for. One that is not listed uses none. */
const PURPOSES: Readonly<Record<string, string>> = {
  'append-audit': 'sign an audit log',
  'sign-heartbeats': 'sign an audit log',
  'assess-key': 'look whether a key works',
  'probe-keys': 'look whether a key works',
  'reconcile-keys': 'look whether a key works',
  'rotate-key': 'rotate a key',
  'reencrypt-data-keys': 're-encrypt data keys',
  'contain-compromise': 'contain a compromise',
  'retire-key': 'retire a key',
  'delete-key': 'retire a key',
  'export-sla': 'sign a statement of service levels',
};

const WRITER = 'append-audit';

/** Undefined for a call of anybody else. A role's name proves the role; who holds its credentials no record proves. */
export function ownCall(
  record: KmsRecord,
  use: KeyUse,
  { roleArn }: Pick<StreamWriter, 'roleArn'>,
): OwnCall | undefined {
  const prefix = roleArn.slice(roleArn.lastIndexOf('/') + 1, -WRITER.length);
  const isOurs = use.callerAccountId === roleArn.split(':')[4] && use.callerRole?.startsWith(prefix);
  if (!isOurs || use.callerRole === undefined) return undefined;
  const component = use.callerRole.slice(prefix.length);
  const requestId = typeof record['requestID'] === 'string' ? record['requestID'] : undefined;
  return { component, purpose: PURPOSES[component], requestId };
}
