/** warn-early: what a fact says of a key that still serves becomes a warning, once, if anything depends on the key. */
import type { AutomaticRotationDrifted } from '../../../../events/automatic-rotation-drifted';
import type { CustomerAliasMoved } from '../../../../events/customer-alias-moved';
import type { KeyMaterialExpiring } from '../../../../events/key-material-expiring';
import { hasCode } from '../../errors';
import { utc } from '../../instants';
import { defined } from '../../optional-fields';
import type { Clock, ControlStore } from '../../ports';
import type { EarlyWarning } from './early-warning';

export interface WarnPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
}

/** What a warning says and is named for, before it is a row. */
export type Warned = Pick<EarlyWarning, 'warningId' | 'kind' | 'kmsKeyArn' | 'customerId' | 'says' | 'deadline'>;

/** Once for each date on which the material expires. */
export const ofExpiry = ({ kmsKeyArn, customerId, expiresAt }: KeyMaterialExpiring): Warned => ({
  warningId: `material-expiring/${kmsKeyArn}/${expiresAt}`,
  kind: 'material-expiring',
  kmsKeyArn,
  ...defined({ customerId }),
  says: `KMS deletes the key material at ${utc(expiresAt)}.`,
  deadline: expiresAt,
});

/** Once for each setting that is found. */
export const ofDrift = ({
  factId,
  kmsKeyArn,
  customerId,
  found,
  wantedDays,
  repaired,
}: AutomaticRotationDrifted): Warned => ({
  warningId: `rotation-off/${factId}`,
  kind: 'rotation-off',
  kmsKeyArn,
  ...defined({ customerId }),
  says: `KMS says ${found}, the policy every ${wantedDays} days. ${repaired ? 'It is set back.' : 'Nothing was touched.'}`,
});

/** Once for each key that the alias comes to point at. */
export const ofAlias = ({ factId, kmsKeyArn, customerId, alias, toKmsKeyArn }: CustomerAliasMoved): Warned => ({
  warningId: `alias-moved/${factId}`,
  kind: 'alias-moved',
  kmsKeyArn,
  customerId,
  says: `${alias} points at ${toKmsKeyArn}.`,
});

/**
 * Writes the warning, due at once. Safe to repeat: one that is written already stays as it is.
 *
 * @returns whether there is such a warning: none of a key on which nothing depends.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function warnEarly(warned: Warned, { control, clock }: WarnPorts): Promise<boolean> {
  const { kmsKeyArn } = warned;
  const [key, count] = await Promise.all([
    control.find('kms-key', kmsKeyArn),
    control.find('data-store-count', kmsKeyArn),
  ]);
  // A key that was registered without a count may have any number of data stores.
  if (!key || count?.dataStores === 0) return false;
  const at = clock.now();
  const { keyMaterialId } = key;
  const row = { ...warned, ...(warned.deadline !== undefined && { keyMaterialId }), at, dueAt: at, revision: 0 };
  try {
    await control.commit({ writes: [{ entityType: 'early-warning', row }], facts: [] });
  } catch (error) {
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
  return true;
}
