/** Which KMS client reaches a key: its region from its ARN, and our own credentials or those of the customer's role. */

import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import type { STSClient } from '@aws-sdk/client-sts';
import { KeywrightError } from '../domain/errors';
import type { KeyRef } from '../domain/keys/kms-key';
import { kmsError } from './kms-errors';
import { sessionOf } from './role-session';

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

/** A client is a few kilobytes and a session of its role; the one that was used longest ago makes room. */
const CLIENTS_MAX = 500;

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
