/** Which KMS client reaches a key: its region from its ARN, and our own credentials or those of the customer's role. */

import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Refusal } from '../domain/availability/whose-refusal';
import { KeywrightError } from '../domain/errors';
import type { KeyAccess, KeyRef } from '../domain/keys/kms-key';
import { defined } from '../domain/optional-fields';
import { kmsError } from './kms-errors';
import { refusalOf } from './refusal-text';

export interface KmsClients {
  /** For what may be asked twice: the client repeats by itself what may have failed by chance. */
  of(key: KeyRef): KMSClient;
  /** For what may not: every request is sent once. */
  onceOf(key: KeyRef): KMSClient;
}

export interface RoleClients extends KmsClients {
  /** Assumes the role of the key once more, whatever session is kept: nothing is done with it. Throws as a request would. */
  assumeAnew(key: KeyRef): Promise<void>;
}

/** A request as it was sent, and how it ended: one call is several where the client repeats by itself. */
export interface SentRequest {
  /** A key that is reached in the same way. */
  readonly key: KeyRef;
  readonly isThrottled: boolean;
  readonly latencyMs: number;
}

type Role = Extract<KeyAccess, { via: 'role' }>;

/** A client is a few kilobytes and a session of its role; the one that was used longest ago makes room. */
const CLIENTS_MAX = 500;

/** A Lambda that assumes a role chains roles, for which STS gives at most an hour. Source: IAM user guide, role chaining. */
const SESSION_SECONDS = 3600;

/**
 * Clients are kept, and with them the sessions of customers' roles, which the client itself renews shortly before they
 * expire. All share one pool of connections.
 *
 * @param tell Called for each request that was sent. Must not throw.
 */
export function kmsClients(
  sts: Pick<STSClient, 'send'>,
  config: KMSClientConfig = {},
  onSent?: (sent: SentRequest) => void,
): RoleClients {
  const kept = new Map<string, KMSClient>();
  let shared: KMSClientConfig = config;

  function clientOf(key: KeyRef, own: KMSClientConfig): KMSClient {
    const name = JSON.stringify([regionOf(key), key.access, key.customerId, own]);
    const client = kept.get(name) ?? make(key, own);
    kept.delete(name);
    kept.set(name, client);
    const [oldest] = kept.keys();
    if (kept.size > CLIENTS_MAX && oldest !== undefined) kept.delete(oldest);
    return client;
  }

  function make(key: KeyRef, own: KMSClientConfig): KMSClient {
    const { access } = key;
    const credentials = access.via === 'role' ? { credentials: () => sessionOf(access, key, sts) } : {};
    const client = new KMSClient({ ...shared, ...credentials, ...own, region: regionOf(key) });
    if (onSent) observeRequests(client, key, onSent);
    shared = { requestHandler: client.config.requestHandler, ...shared };
    return client;
  }

  return {
    of: (key) => clientOf(key, {}),
    onceOf: (key) => clientOf(key, { maxAttempts: 1 }),
    async assumeAnew(key) {
      if (key.access.via === 'role') await sessionOf(key.access, key, sts);
    },
  };
}

/** Inside the client's own repetitions, so that each request is seen, and none of the refusals that a repetition hides is missed. */
function observeRequests(client: KMSClient, key: KeyRef, onSent: (sent: SentRequest) => void): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentMs = performance.now();
      const report = (isThrottled: boolean) => onSent({ key, isThrottled, latencyMs: performance.now() - sentMs });
      try {
        const answer = await next(args);
        report(false);
        return answer;
      } catch (error) {
        report(kmsError(error, 'request', {}).code === 'kms.throttled');
        throw error;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'observe' },
  );
}

/** `arn:aws:kms:REGION:ACCOUNT:key/ID` */
export function regionOf({ kmsKeyArn }: Pick<KeyRef, 'kmsKeyArn'>): string {
  const region = kmsKeyArn.split(':')[3];
  if (region) return region;
  throw new KeywrightError('input.invalid', 'kmsKeyArn: must be the full ARN of a KMS key.', { kmsKeyArn });
}

async function sessionOf({ roleArn, externalId }: Role, { customerId }: KeyRef, sts: Pick<STSClient, 'send'>) {
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
