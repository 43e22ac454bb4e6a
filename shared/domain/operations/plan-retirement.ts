/** What still needs a KMS key, as far as the indexes show, and what comes next. Touches nothing. */
import type { KmsKey } from '../kms-key';
import type { DataKeyStore } from '../ports';
import { censusOf } from '../reencrypt-data-keys/census';
import { dataStoreKey } from '../rows';
import { keyName } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { LISTED_MAX, listed } from './list';
import { defineOperation } from './operation';

export interface RetirementPlan extends Pick<KmsKey, 'kmsKeyArn' | 'state' | 'replacedBy' | 'retiredAt'> {
  readonly needs: {
    readonly jobs: readonly string[];
    /** At most `LISTED_MAX` of them. */
    readonly dataStores: readonly string[];
    /** By the index: a data key of the last moments may be missing. The proof reads the table itself. */
    readonly dataKeys: number;
  };
  /** What the last proof found, where it found something. */
  readonly refused?: { readonly references: readonly string[]; readonly at: string };
  readonly next: string;
}

export const planRetirement = defineOperation(
  'plan-retirement',
  { key: keyName },
  async (input, _caller, ports: FindKeyPorts & { readonly dataKeys: DataKeyStore }): Promise<RetirementPlan> => {
    const key = await findKey(input.key, ports);
    const { kmsKeyArn, state, replacedBy, retiredAt, retirementRefused } = key;
    const [census, dataStores] = await Promise.all([
      censusOf(key, ports),
      listed(ports.control.ofKmsKey('data-store', kmsKeyArn), LISTED_MAX),
    ]);
    const needs = {
      jobs: key.jobIds ?? [],
      dataStores: dataStores.rows.map(({ customerId, dataStoreId }) => dataStoreKey(customerId, dataStoreId)),
      dataKeys: census.reduce((sum, line) => sum + line.dataKeys, 0),
    };
    return {
      kmsKeyArn,
      state,
      ...(replacedBy !== undefined && { replacedBy }),
      ...(retiredAt !== undefined && { retiredAt }),
      needs,
      ...(retirementRefused && { refused: { references: retirementRefused.references, at: retirementRefused.at } }),
      next: nextOf(key, needs),
    };
  },
);

function nextOf({ state, retiredAt }: KmsKey, { jobs, dataStores, dataKeys }: RetirementPlan['needs']): string {
  if (state === 'active') return 'The key is in use. Have another take its place: rotate it by the strategy replace.';
  if (state === 'deletion-scheduled') return 'KMS deletes the key when its waiting period is over.';
  if (state === 'disabled') return retiredAt === undefined ? 'It is being disabled.' : 'Nothing: it is retired.';
  if (jobs.length > 0) return 'Its re-encryption is under way; the end of it asks for the proof.';
  if (dataStores.length + dataKeys > 0) return 'Start a re-encryption for what is left; its end asks for the proof.';
  return 'The next proof finds nothing that needs it, and disables it.';
}
