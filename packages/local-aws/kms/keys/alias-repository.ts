/** Aliases: friendly names of keys, one namespace an account and Region. */
import type { Store } from '../../store';

export interface Alias {
  readonly arn: string;
  readonly name: string;
  /** ARN of the key it stands for. */
  readonly targetArn: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface AliasRepository {
  find(aliasArn: string): Alias | undefined;
  /** The aliases of an account and Region in the order of their names. */
  of(accountId: string, region: string): readonly Alias[];
  /** The aliases that stand for a key. */
  ofKey(keyArn: string): readonly Alias[];
  save(alias: Alias): void;
  remove(aliasArn: string): void;
}

export function aliasArn(region: string, accountId: string, name: string): string {
  return `arn:aws:kms:${region}:${accountId}:${name}`;
}

export function aliasRepository(store: Store): AliasRepository {
  const rows = store.table<Alias>('kms-aliases');
  const byKey = new Map<string, Set<string>>();
  const unlink = (alias: Alias | undefined) => alias && byKey.get(alias.targetArn)?.delete(alias.arn);
  const link = (alias: Alias) => byKey.set(alias.targetArn, (byKey.get(alias.targetArn) ?? new Set()).add(alias.arn));
  for (const alias of rows.values()) link(alias);

  return {
    find: (arn) => rows.get(arn),
    of: (accountId, region) =>
      [...rows.values()]
        .filter((alias) => alias.arn.startsWith(aliasArn(region, accountId, 'alias/')))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    ofKey: (keyArn) => [...(byKey.get(keyArn) ?? [])].flatMap((arn) => rows.get(arn) ?? []),
    save(alias) {
      unlink(rows.get(alias.arn));
      rows.set(alias.arn, alias);
      link(alias);
    },
    remove(arn) {
      unlink(rows.get(arn));
      rows.delete(arn);
    },
  };
}
