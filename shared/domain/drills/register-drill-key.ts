/** register-drill-key: makes the key of drills known, so that it is watched like any other. */
import { newWatch } from '../availability/new-watch';
import { hasCode } from '../errors';
import { firstCount } from '../keys/count-data-stores';
import { KEY_MOVES, type KmsKey } from '../keys/kms-key';
import type { DataKeyCrypto } from '../keys/ports';
import { transition } from '../legal-moves';
import { mustFind } from '../require-row';
import type { StartDrillPorts } from './start-drill';

export interface RegisterPorts extends StartDrillPorts {
  readonly crypto: Pick<DataKeyCrypto, 'generateWrapped'>;
}

/**
 * The row of the key, written the first time with its watch. It has no customer and no data store. Safe to repeat, also at the same
 * time.
 *
 * @throws KeywrightError any code that begins with `kms.`; `store.unreachable` (retry).
 */
export async function registerDrillKey(ports: RegisterPorts): Promise<KmsKey> {
  const { control, drillKeyArn: kmsKeyArn } = ports;
  const known = await control.find('kms-key', kmsKeyArn);
  if (known) return known;
  const about = { kmsKeyArn, option: 'managed', access: { via: 'key-policy' }, isForDrills: true } as const;
  const { watch, keyMaterialId } = await newWatch(about, ports);
  const key: KmsKey = transition(KEY_MOVES, undefined, { ...about, state: 'active', keyMaterialId, revision: 0 });
  try {
    await control.commit({
      writes: [{ entityType: 'kms-key', row: key }, { entityType: 'key-watch', row: watch }, firstCount(kmsKeyArn, 0)],
      facts: [],
    });
  } catch (error) {
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
  return mustFind('kms-key', kmsKeyArn, ports);
}
