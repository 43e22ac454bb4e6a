/** All KMS keys of local AWS, of every account and Region, and what is due to happen to them. */
import type { Store } from '../../store';
import { agenda } from './agenda';
import type { KmsKey } from './kms-key';

export interface KeyRepository {
  find(arn: string): KmsKey | undefined;
  /** By bare key id: ids are unique across accounts, and shared by a multi-Region key and its replicas. */
  findInRegion(region: string, keyId: string): KmsKey | undefined;
  /** The keys of one account and Region, oldest first. */
  of(accountId: string, region: string): readonly KmsKey[];
  /** The replicas and the primary of a multi-Region key, itself included; any other key alone. */
  related(key: KmsKey): readonly KmsKey[];
  save(key: KmsKey): void;
  remove(arn: string): void;
  /** Keys to which something is due by now. */
  due(nowMs: number): readonly KmsKey[];
}

export function keyRepository(store: Store, dueAt: (key: KmsKey) => number | undefined): KeyRepository {
  const rows = store.table<KmsKey>('kms-keys');
  const arns = new Map<string, string>();
  const dates = agenda();
  const remember = (key: KmsKey) => {
    arns.set(`${key.region}/${key.keyId}`, key.arn);
    dates.set(key.arn, dueAt(key));
  };
  for (const key of rows.values()) remember(key);

  const find = (arn: string) => rows.get(arn);
  return {
    find,
    findInRegion: (region, keyId) => rows.get(arns.get(`${region}/${keyId}`) ?? ''),
    of: (accountId, region) => [...rows.values()].filter((key) => key.accountId === accountId && key.region === region),
    related: (key) => (key.multiRegion ? [...rows.values()].filter((other) => other.keyId === key.keyId) : [key]),
    save(key) {
      rows.set(key.arn, key);
      remember(key);
    },
    remove(arn) {
      const key = rows.get(arn);
      if (key) arns.delete(`${key.region}/${key.keyId}`);
      rows.delete(arn);
      dates.set(arn, undefined);
    },
    due: (nowMs) => dates.due(nowMs).flatMap((arn) => find(arn) ?? []),
  };
}
