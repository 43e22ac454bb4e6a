/** Access keys of local AWS: one of each account's administrator, for one run, and those of role sessions, which expire. */
import { createHash, randomBytes } from 'node:crypto';
import type { Principal } from '../call';
import type { EngineDeps, PolicyDocument, SessionCredentials } from '../contracts';
import type { Store } from '../store';

/** An access key, who holds it, and the secret with which its holder signs. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly principal: Principal;
  /** Only of a role session. */
  readonly session?: {
    readonly token: string;
    readonly openedAt: number;
    readonly expiresAt: number;
    /** Narrows what the role allows. */
    readonly policy?: PolicyDocument;
  };
}

const DAY_MS = 86_400_000;

/** Access key ids use the letters and digits of base32. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function uniqueId(prefix: string, seed: Uint8Array = randomBytes(17)): string {
  return prefix + [...seed.subarray(0, 17)].map((byte) => BASE32[byte % 32]).join('');
}

/** Those of role sessions: a session goes on when local AWS is started again. */
export function sessionTable(store: Store) {
  return store.table<Credential>('iam.credentials');
}

/** Earlier releases kept each administrator's access key here, under a secret that everybody could work out. */
export function forgetKeptAdministrators(store: Store): void {
  const sessions = sessionTable(store);
  for (const [accessKeyId, { session }] of [...sessions.entries()]) if (!session) sessions.delete(accessKeyId);
}

/**
 * The administrator of an account: always the same person with the same access key id, under a secret that is made anew
 * each time. It is kept nowhere: whoever was not told it by this run cannot sign.
 */
export function newAdministrator(accountId: string): Credential {
  const seed = (purpose: string) => createHash('sha256').update(`keywright local ${purpose} ${accountId}`).digest();
  const accessKeyId = uniqueId('AKIA', seed('access key')).slice(0, 20);
  return {
    accessKeyId,
    secretAccessKey: newSecretAccessKey(),
    principal: {
      type: 'IAMUser',
      accountId,
      arn: `arn:aws:iam::${accountId}:user/administrator`,
      principalId: uniqueId('AIDA', seed('user')),
      accessKeyId,
    },
  };
}

/** 40 characters, as AWS's. */
const newSecretAccessKey = () => randomBytes(30).toString('base64');

export function newSession(
  role: { readonly arn: string; readonly name: string; readonly accountId: string; readonly principalId: string },
  options: {
    readonly name: string;
    readonly durationSeconds: number;
    readonly now: number;
    readonly policy?: PolicyDocument;
  },
): Credential & { readonly session: NonNullable<Credential['session']> } {
  const accessKeyId = uniqueId('ASIA').slice(0, 20);
  return {
    accessKeyId,
    secretAccessKey: newSecretAccessKey(),
    principal: {
      type: 'AssumedRole',
      accountId: role.accountId,
      arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${options.name}`,
      principalId: `${role.principalId}:${options.name}`,
      accessKeyId,
      role: { arn: role.arn, name: role.name, principalId: role.principalId },
    },
    session: {
      token: randomBytes(180).toString('base64'),
      openedAt: options.now,
      expiresAt: options.now + options.durationSeconds * 1000,
      ...(options.policy && { policy: options.policy }),
    },
  };
}

export function sessionCredentials({
  accessKeyId,
  secretAccessKey,
  session,
}: ReturnType<typeof newSession>): SessionCredentials {
  return { accessKeyId, secretAccessKey, sessionToken: session.token, expiresAt: session.expiresAt };
}

/** Forgets sessions that ended more than a day ago; until then their holder is told that they expired. */
export function forgetOldSessions({ store, clock }: Pick<EngineDeps, 'store' | 'clock'>): void {
  const sessions = sessionTable(store);
  for (const [accessKeyId, { session }] of sessions.entries()) {
    if (session && session.expiresAt < clock.now() - DAY_MS) sessions.delete(accessKeyId);
  }
}
