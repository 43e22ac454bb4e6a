/** Access keys of local AWS: permanent ones of each account's administrator, and those of role sessions, which expire. */
import { createHash, randomBytes } from 'node:crypto';
import type { Principal } from '../call';
import type { PolicyDocument, SessionCredentials, World } from '../parts';
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

export function credentialTable(store: Store) {
  return store.table<Credential>('iam.credentials');
}

/** The administrator's access key of an account: the same for the same account, so that a restart changes nothing. */
export function administrator(accountId: string): Credential {
  const seed = (purpose: string) => createHash('sha256').update(`keywright local ${purpose} ${accountId}`).digest();
  return {
    accessKeyId: uniqueId('AKIA', seed('access key')).slice(0, 20),
    secretAccessKey: seed('secret').toString('base64').slice(0, 40),
    principal: {
      type: 'IAMUser',
      accountId,
      arn: `arn:aws:iam::${accountId}:user/administrator`,
      principalId: uniqueId('AIDA', seed('user')),
      accessKeyId: uniqueId('AKIA', seed('access key')).slice(0, 20),
    },
  };
}

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
    secretAccessKey: randomBytes(30).toString('base64'),
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
export function forgetOldSessions({ store, clock }: Pick<World, 'store' | 'clock'>): void {
  const credentials = credentialTable(store);
  for (const [accessKeyId, { session }] of credentials.entries()) {
    if (session && session.expiresAt < clock.now() - DAY_MS) credentials.delete(accessKeyId);
  }
}
