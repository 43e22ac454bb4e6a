/** Sessions of customers' roles, which only our external id opens. */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Refusal } from '../domain/availability/whose-refusal';
import { KeywrightError } from '../domain/errors';
import type { KeyAccess, KeyRef } from '../domain/keys/kms-key';
import { defined } from '../domain/optional-fields';
import { refusalOf } from './refusal-text';

type Role = Extract<KeyAccess, { via: 'role' }>;

/** A Lambda that assumes a role chains roles, for which STS gives at most an hour. Source: IAM user guide, role chaining. */
const SESSION_SECONDS = 3600;

/** Assumes the role. @throws KeywrightError `sts.role-refused`, `sts.unreachable` (retry). */
export async function sessionOf(
  { roleArn, externalId }: Role,
  { customerId }: Pick<KeyRef, 'customerId'>,
  sts: Pick<STSClient, 'send'>,
) {
  const request = new AssumeRoleCommand({
    RoleArn: roleArn,
    ExternalId: externalId,
    RoleSessionName: sessionNameOf(customerId),
    DurationSeconds: SESSION_SECONDS,
  });
  const { Credentials: session } = await asked(roleArn, () => sts.send(request));
  if (!session?.AccessKeyId || !session.SecretAccessKey || !session.Expiration) {
    throw new KeywrightError('sts.unreachable', 'STS answered without credentials.', { roleArn });
  }
  return {
    accessKeyId: session.AccessKeyId,
    secretAccessKey: session.SecretAccessKey,
    expiration: session.Expiration,
    ...defined({ sessionToken: session.SessionToken }),
  };
}

/** The customer sees it in their CloudTrail. 2 to 64 of `[\w+=,.@-]`. Source: STS API reference, RoleSessionName. */
const sessionNameOf = (customerId = 'shared') => `keywright-${customerId.replace(/[^\w+=,.@-]/g, '_')}`.slice(0, 64);

/**
 * Refusals of AssumeRole, each with what its name tells of who refused. A Region is disabled in the account of the role.
 * Source: STS API reference, AssumeRole, errors.
 */
const REFUSALS: Readonly<Record<string, Partial<Refusal>>> = {
  AccessDenied: {},
  AccessDeniedException: {},
  ValidationError: {},
  NoSuchEntity: { refusedBy: 'resource' },
  RegionDisabledException: { refusedBy: 'resource' },
};

async function asked<Answer>(roleArn: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'unknown', message: String(error) };
    const refusal = REFUSALS[name];
    const details = { roleArn, awsError: name, ...(refusal && { ...refusalOf(message), ...refusal }) };
    const code = refusal ? 'sts.role-refused' : 'sts.unreachable';
    throw new KeywrightError(code, `STS AssumeRole: ${name}: ${message}`, details, { cause: error });
  }
}
