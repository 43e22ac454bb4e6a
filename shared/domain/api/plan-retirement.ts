/** What still needs a KMS key, as far as the indexes show, how far its retirement is, and what comes next. Touches nothing. */

import { isHeldByCustomer } from '../customers/encryption-options';
import type { KmsKey } from '../keys/kms-key';
import type { DataKeyStore } from '../keys/ports';
import { defined } from '../optional-fields';
import { inventoryOf } from '../reencryption/inventory';
import { dataStoreKey } from '../rows';
import { keptBackups } from './backups';
import { keyName } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { LISTED_MAX, listed } from './list';
import { defineOperation } from './operation';
import { type OutlookPorts, type ShownRetirement, shownRetirement } from './retirement-outlook';

export interface RetirementPlan extends Pick<KmsKey, 'kmsKeyArn' | 'state' | 'replacedBy' | 'retiredAt'> {
  readonly needs: {
    readonly jobs: readonly string[];
    /** Backups that were declared, and that are still kept. */
    readonly backups: readonly string[];
    /** At most `LISTED_MAX` of them. */
    readonly dataStores: readonly string[];
    /** By the index: a data key of the last moments may be missing. The verification reads the table itself. */
    readonly dataKeys: number;
  };
  /** What the last verification found, where it found something. */
  readonly refused?: { readonly references: readonly string[]; readonly at: string };
  /** How far it is; absent until it has begun. */
  readonly retirement?: ShownRetirement;
  readonly next: string;
}

type Ports = FindKeyPorts & OutlookPorts & { readonly dataKeys: DataKeyStore };

export const planRetirement = defineOperation(
  'plan-retirement',
  { key: keyName },
  async (input, _caller, ports: Ports): Promise<RetirementPlan> => {
    const key = await findKey(input.key, ports);
    const { kmsKeyArn, state, replacedBy, retiredAt, retirementRefused } = key;
    const [needs, row] = await Promise.all([needsOf(key, ports), ports.control.find('retirement', kmsKeyArn)]);
    const retirement = row && (await shownRetirement(row, ports));
    return {
      kmsKeyArn,
      state,
      ...defined({ replacedBy, retiredAt }),
      needs,
      ...(retirementRefused && { refused: { references: retirementRefused.references, at: retirementRefused.at } }),
      ...(retirement && { retirement }),
      next: nextOf(key, needs, retirement),
    };
  },
);

async function needsOf(key: KmsKey, ports: Ports): Promise<RetirementPlan['needs']> {
  const [inventory, dataStores, backups] = await Promise.all([
    inventoryOf(key, ports),
    listed(ports.control.ofKmsKey('data-store', key.kmsKeyArn), LISTED_MAX),
    keptBackups(key, ports),
  ]);
  return {
    jobs: key.jobIds ?? [],
    backups: backups.map(({ backupId }) => backupId),
    dataStores: dataStores.rows.map(({ customerId, dataStoreId }) => dataStoreKey(customerId, dataStoreId)),
    dataKeys: inventory.reduce((sum, line) => sum + line.dataKeys, 0),
  };
}

function nextOf(
  { state, option, retiredAt }: KmsKey,
  needs: RetirementPlan['needs'],
  retirement?: ShownRetirement,
): string {
  if (state === 'active') {
    return isHeldByCustomer(option)
      ? 'The key is in use, and the customer’s: another takes its place when they give us one.'
      : 'The key is in use. Have another take its place: keywright rotate KEY --strategy replace.';
  }
  if (needs.jobs.length > 0) return 'Its re-encryption is under way; the verification follows when it ends.';
  if (needs.dataStores.length + needs.dataKeys > 0) {
    return 'Start a re-encryption for what is left; the verification follows when it ends.';
  }
  if (needs.backups.length > 0) return 'It goes when its backups are over, or released.';
  if (retirement) return `It waits for ${retirement.waitsFor}.`;
  if (state === 'deletion-scheduled') return 'KMS deletes the key when its waiting period is over.';
  if (state === 'disabled') return retiredAt === undefined ? 'It is being disabled.' : 'Nothing: it is retired.';
  return 'The next verification finds nothing that needs it, and disables it.';
}
