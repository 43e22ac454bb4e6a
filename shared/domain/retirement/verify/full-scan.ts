/**
 * Verifies that nothing needs a KMS key: everything is looked at once more, at last every data key, by consistent reads.
 *
 * Data stores come first: no new data key is stored under a key that its data store does not name, and no data store comes
 * to name a key that is on its way out. So what was not there stays away, and a verification may take as many runs as it takes.
 */

import { KeywrightError } from '../../errors';
import { BATCH_MAX, type DataKeyName, SHARDS } from '../../keys/data-key';
import type { KmsKey } from '../../keys/kms-key';
import type { Wrapping } from '../../keys/ports';
import { defined } from '../../optional-fields';
import { scanFrom } from '../../reencryption/scan-data-keys';
import type { ScanPlace } from '../../reencryption/scan-place';
import { dataStoreKey } from '../../rows';
import {
  type Check,
  findReferences,
  indexLags,
  isNeeded,
  type ReferencePorts,
  type ReferenceReport,
} from './references';
import type { ScanCursor } from './scan-cursor';

/** How many pages of data keys one part reads: a run may make two parts, and ends long before its function has to. */
const PAGES_MAX = 500;

/** How many data keys that are astray are named, and with how much of what they are called. */
const STRAYS_MAX = 10;
const STRAY_NAME_MAX = 200;

/**
 * Makes a verification, or its next part. It is over as soon as a part has found something: its counts are then of what was read.
 *
 * @param before What the part before this one has come to; left out: it begins.
 * @returns the verification, or what the next part goes on with.
 * @throws KeywrightError `store.index-behind`, `store.unreachable` (retry); `state.forbids` of a key that is not counted.
 */
export async function scanReferences(
  key: KmsKey,
  before: ScanCursor | undefined,
  ports: ReferencePorts,
): Promise<ReferenceReport | { readonly cursor: ScanCursor }> {
  const seen = await findReferences(key, ports);
  const dataStores = await checkedCount(key, seen.references.dataStores.length, ports);
  const { next, ...counts } = await readOn(key, before?.next ?? { segment: 0 }, ports);
  const references = { ...seen.references, ...counts };
  if (next && !isNeeded(references)) return { cursor: { part: (before?.part ?? 0) + 1, next } };
  const at = ports.clock.now();
  const checks: readonly Check[] = [
    ...seen.checks,
    dataStores,
    { source: 'data-keys-by-table', found: counts.dataKeys, at },
    { source: 'data-keys-set-aside', found: counts.quarantined, at },
  ];
  if (isNeeded(references) || !indexLags(seen)) return { references, checks };
  const strays = await straysUnder(key, ports);
  const elsewhere: Check = { source: 'data-keys-elsewhere', found: strays.length, at: ports.clock.now() };
  return { references: { ...references, strays }, checks: [...checks, elsewhere] };
}

/** What the index shows, and the table has where nobody looks for it. Some are enough to say so. */
async function straysUnder({ kmsKeyArn, keyMaterialId, olderMaterialIds = [] }: KmsKey, { dataKeys }: ReferencePorts) {
  const strays: string[] = [];
  let pages = 0;
  for (const material of [keyMaterialId, ...olderMaterialIds]) {
    const wrapping = { kmsKeyArn, keyMaterialId: material };
    for await (const page of pagesUnder(wrapping, dataKeys)) {
      strays.push(...page.map(shortName));
      pages += 1;
      if (strays.length >= STRAYS_MAX || pages === PAGES_MAX) return strays.slice(0, STRAYS_MAX);
    }
  }
  return strays;
}

async function* pagesUnder(wrapping: Wrapping, dataKeys: ReferencePorts['dataKeys']) {
  for (let shard = 0; shard < SHARDS; shard += 1) {
    let after: string | undefined;
    do {
      const asked = { limit: BATCH_MAX, inTable: true, ...defined({ after }) } as const;
      const page = await dataKeys.underWrapping(wrapping, shard, asked);
      yield page.dataKeys;
      after = page.next;
    } while (after !== undefined);
  }
}

const shortName = ({ customerId, dataStoreId, dataKeyId }: DataKeyName) =>
  `${dataStoreKey(customerId, dataStoreId)}/${dataKeyId}`.slice(0, STRAY_NAME_MAX);

/** The index shows as many data stores as are counted, or more: then it names them all. */
async function checkedCount({ kmsKeyArn }: KmsKey, shown: number, { control, clock }: ReferencePorts): Promise<Check> {
  const count = await control.find('data-store-count', kmsKeyArn);
  if (!count) {
    const message =
      'key: its data stores were not counted when it was registered, so it cannot be verified unused. Keep it.';
    throw new KeywrightError('state.forbids', message, { kmsKeyArn });
  }
  const { dataStores } = count;
  if (shown >= dataStores) return { source: 'data-stores-by-count', found: dataStores, at: clock.now() };
  const message = 'The index does not show every data store of the key yet.';
  throw new KeywrightError('store.index-behind', message, { kmsKeyArn, dataStores, shown });
}

/** Counts what the next pages hold. */
async function readOn(key: KmsKey, start: ScanPlace, ports: ReferencePorts) {
  const counts = { dataKeys: 0, quarantined: 0 };
  let pages = 0;
  for await (const { dataKeys, next } of scanFrom(start, { key }, ports)) {
    for (const dataKey of dataKeys) counts[dataKey.quarantined ? 'quarantined' : 'dataKeys'] += 1;
    pages += 1;
    if (next && pages === PAGES_MAX) return { ...counts, next };
  }
  return { ...counts, next: undefined };
}
