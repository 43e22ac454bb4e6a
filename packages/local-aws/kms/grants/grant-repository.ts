/** Grants: permissions to use one key, kept per key. */
import type { Store } from '../../store';

export interface GrantConstraints {
  readonly EncryptionContextSubset?: Readonly<Record<string, string>> | undefined;
  readonly EncryptionContextEquals?: Readonly<Record<string, string>> | undefined;
  readonly SourceArn?: string | undefined;
}

export interface Grant {
  /** 64 hex characters. */
  readonly id: string;
  readonly token: string;
  readonly keyArn: string;
  /** The account whose principal made the grant. */
  readonly issuingAccountId: string;
  readonly createdAtMs: number;
  /** Works without the grant token from then on. */
  readonly effectiveAtMs: number;
  readonly name?: string | undefined;
  readonly granteePrincipal?: string | undefined;
  readonly granteeServicePrincipal?: string | undefined;
  readonly retiringPrincipal?: string | undefined;
  readonly retiringServicePrincipal?: string | undefined;
  readonly operations: readonly string[];
  readonly constraints?: GrantConstraints | undefined;
}

export interface GrantRepository {
  find(grantId: string): Grant | undefined;
  findByToken(token: string): Grant | undefined;
  /** A key's grants, oldest first. */
  ofKey(keyArn: string): readonly Grant[];
  all(): readonly Grant[];
  save(grant: Grant): void;
  remove(grantId: string): void;
}

export function grantRepository(store: Store): GrantRepository {
  const rows = store.table<Grant>('kms-grants');
  const byKey = new Map<string, Map<string, Grant>>();
  const byToken = new Map<string, string>();
  const index = (grant: Grant) => {
    byKey.set(grant.keyArn, (byKey.get(grant.keyArn) ?? new Map()).set(grant.id, grant));
    byToken.set(grant.token, grant.id);
  };
  for (const grant of rows.values()) index(grant);

  return {
    find: (id) => rows.get(id),
    findByToken: (token) => rows.get(byToken.get(token) ?? ''),
    ofKey: (keyArn) => [...(byKey.get(keyArn)?.values() ?? [])],
    all: () => [...rows.values()],
    save(grant) {
      rows.set(grant.id, grant);
      index(grant);
    },
    remove(id) {
      const grant = rows.get(id);
      if (!grant) return;
      rows.delete(id);
      byKey.get(grant.keyArn)?.delete(id);
      byToken.delete(grant.token);
    },
  };
}
