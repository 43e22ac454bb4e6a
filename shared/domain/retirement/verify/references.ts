/** What still needs a KMS key. Nothing here is taken on trust: each reference was read from where it rests. */
import type { KmsKey } from '../../keys/kms-key';
import type { DataKeyStore } from '../../keys/ports';
import type { Clock, ControlStore } from '../../ports';
import { inventoryOf } from '../../reencryption/inventory';
import { dataStoreKey } from '../../rows';

export interface References {
  readonly jobs: readonly string[];
  /** Backups that operators declared, and that are still kept. */
  readonly backups: readonly string[];
  readonly dataStores: readonly string[];
  /** Data stores’ rows that name it and say that they are other ones: whose they are is not known, so somebody has to look. */
  readonly misplaced: readonly string[];
  /** Data keys under it, at any material, that a job may still move. */
  readonly dataKeys: number;
  /** Data keys under it that a job has quarantined: somebody has to look at them. */
  readonly quarantined: number;
  /**
   * Data keys whose rows are where none of the key's belong, such as in another customer's data store: no job moves them, and
   * nothing opens them. Some of them, by name.
   */
  readonly strays: readonly string[];
}

/** Where was looked, how many references were there, and when. */
export interface Check {
  readonly source:
    | 'jobs'
    | 'backups'
    | 'data-stores-by-index'
    | 'data-stores-by-count'
    | 'data-keys-by-index'
    | 'data-keys-by-table'
    | 'data-keys-set-aside'
    | 'data-keys-elsewhere';
  readonly found: number;
  readonly at: string;
}

export interface ReferenceReport {
  readonly references: References;
  readonly checks: readonly Check[];
}

export interface ReferencePorts {
  readonly control: ControlStore;
  readonly dataKeys: DataKeyStore;
  readonly clock: Clock;
}

/** Looks everywhere but through whole tables: for every day. What came in the last moments may be missing. */
export async function findReferences(key: KmsKey, ports: ReferencePorts): Promise<ReferenceReport> {
  const { clock } = ports;
  const checks: Check[] = [];
  const note = (source: Check['source'], found: number) => checks.push({ source, found, at: clock.now() });

  const jobs = key.jobIds ?? [];
  note('jobs', jobs.length);
  const backups = await backupsOf(key, ports);
  note('backups', backups.length);
  const { dataStores, misplaced } = await dataStoresUnder(key, ports);
  note('data-stores-by-index', dataStores.length + misplaced.length);
  const dataKeys = (await inventoryOf(key, ports)).reduce((sum, line) => sum + line.dataKeys, 0);
  note('data-keys-by-index', dataKeys);
  return { references: { jobs, backups, dataStores, misplaced, dataKeys, quarantined: 0, strays: [] }, checks };
}

/** Whether anything needs the key. */
export const isNeeded = ({
  jobs,
  backups,
  dataStores,
  misplaced,
  dataKeys,
  quarantined,
  strays,
}: References): boolean =>
  jobs.length + backups.length + dataStores.length + misplaced.length + dataKeys + quarantined + strays.length > 0;

/** Whether the index still shows data keys that the base table has no more: it will catch up. */
export const indexLags = ({ checks }: ReferenceReport): boolean =>
  checks.some(({ source, found }) => source === 'data-keys-by-index' && found > 0);

/** How many of a kind are named in a sentence for people. */
const NAMED_MAX = 10;

/** In words, for the fact. Whose data keys are astray the key's customer is not told: their names are what anybody wrote. */
export function inWords({
  jobs,
  backups,
  dataStores,
  misplaced,
  dataKeys,
  quarantined,
  strays,
}: References): readonly string[] {
  return [
    ...jobs.slice(0, NAMED_MAX).map((jobId) => `re-encryption job ${jobId}`),
    ...backups.slice(0, NAMED_MAX).map((backupId) => `backup ${backupId}`),
    ...dataStores.slice(0, NAMED_MAX).map((id) => `data store ${id}`),
    ...(dataStores.length > NAMED_MAX ? [`${dataStores.length - NAMED_MAX} more data stores`] : []),
    ...misplaced.slice(0, NAMED_MAX).map((id) => `data store ${id}, whose row says that it is another one`),
    ...(dataKeys > 0 ? [`${dataKeys} data keys`] : []),
    ...(quarantined > 0 ? [`${quarantined} data keys that were quarantined`] : []),
    ...(strays.length > 0 ? ['data keys whose rows are where none of this key’s belong'] : []),
  ];
}

/** In words, for the people who run this: what is astray by name, with what to do. */
export const inFull = (references: References): readonly string[] => [
  ...inWords(references),
  ...references.strays.map((id) => `data key ${id}, astray: find out who put its row there, and remove it`),
];

/** A backup that is over needs nothing any more, whether somebody released it or not. */
async function backupsOf({ backupIds = [] }: KmsKey, { control, clock }: ReferencePorts): Promise<readonly string[]> {
  const backups = await Promise.all(backupIds.map((backupId) => control.find('declared-backup', backupId)));
  const now = clock.now();
  return backups.flatMap((backup) => (backup && backup.retainUntil > now ? [backup.backupId] : []));
}

/** The index may show a data store that has moved since: each is read. */
async function dataStoresUnder(
  { kmsKeyArn }: KmsKey,
  { control }: ReferencePorts,
): Promise<Pick<References, 'dataStores' | 'misplaced'>> {
  const ids: string[] = [];
  const misplaced: string[] = [];
  const leftOut = (id: string) => misplaced.push(id);
  for await (const { customerId, dataStoreId } of control.ofKmsKey('data-store', kmsKeyArn, leftOut)) {
    const id = dataStoreKey(customerId, dataStoreId);
    if ((await control.find('data-store', id))?.kmsKeyArn === kmsKeyArn) ids.push(id);
  }
  return { dataStores: ids, misplaced };
}
