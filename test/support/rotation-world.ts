/** Everything that rotation, re-encryption and retirement need, in memory, with a clock that tests move. */

import { KeywrightError } from '../../shared/domain/errors';
import { type DataKey, encryptionContextOf } from '../../shared/domain/keys/data-key';
import type { KmsKey } from '../../shared/domain/keys/kms-key';
import type { Clock } from '../../shared/domain/ports';
import type { RotationPolicy } from '../../shared/domain/rotation/rotation-policy';
import { aDataStore, aKmsKey, anArn, aPolicy, countedIds, NOW, noPause, OUR_ACCOUNT, silentLog } from './make';
import { aSigner, memoryAuditSequence } from './memory-audit';
import { memoryControlStore } from './memory-control-store';
import { memoryDataKeyStore } from './memory-data-key-store';
import { memoryEndpointSecrets } from './memory-destination';
import { memoryIdentities } from './memory-identities';
import { type MemoryKmsOptions, memoryKms } from './memory-kms';
import { memoryLastUses } from './memory-last-uses';
import { memorySecrets } from './memory-pager';
import { memoryRoles } from './memory-roles';
import { unlimitedRate } from './unlimited-rate';

export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function testClock(start = NOW): TestClock {
  let nowMs = Date.parse(start);
  return {
    now: () => new Date(nowMs).toISOString(),
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

/** One for all: reading its key takes longer than most of what tests do. */
const SIGNER = aSigner();

export type RotationWorld = ReturnType<typeof rotationWorld>;

export function rotationWorld(options: { readonly lagging?: boolean } & MemoryKmsOptions = {}) {
  const clock = testClock();
  const control = memoryControlStore();
  const kms = memoryKms({ now: clock.now, ...options });
  const dataKeys = memoryDataKeyStore(control, options);
  const ports = {
    control,
    dataKeys,
    crypto: kms,
    observer: kms,
    prover: kms,
    roles: memoryRoles(),
    pause: noPause,
    ownAccountId: OUR_ACCOUNT,
    administrator: kms,
    lastUses: memoryLastUses(),
    signer: SIGNER,
    clock,
    ids: countedIds(),
    log: silentLog,
    pace: unlimitedRate,
    identities: memoryIdentities(),
    secrets: memorySecrets(),
    endpointSecrets: memoryEndpointSecrets(),
    sequence: memoryAuditSequence(),
    drillKeyArn: anArn('drill'),
  };

  return {
    ...ports,
    ports,
    kms,

    /** A key that KMS has and we know, its policy and one data store under it. */
    givenKey(fields: Partial<KmsKey> = {}, policy: Partial<RotationPolicy> = {}): KmsKey {
      const kmsKeyArn = fields.kmsKeyArn ?? anArn();
      const keyMaterialId = kms.given(kmsKeyArn);
      const key = aKmsKey({ kmsKeyArn, keyMaterialId, revision: 1, ...fields });
      control.given('kms-key', key);
      control.given('rotation-policy', aPolicy({ kmsKeyArn, revision: 1, ...policy }));
      control.given('data-store', aDataStore({ kmsKeyArn, revision: 1 }));
      return key;
    },

    /** A data key as the envelope library makes one: under the key that its data store names. */
    async givenDataKey(dataKeyId: string): Promise<DataKey> {
      const name = { customerId: 'acme', dataStoreId: 'documents', dataKeyId };
      const store = await control.find('data-store', 'acme/documents');
      const key = store && (await control.find('kms-key', store.kmsKeyArn));
      if (!key) throw new KeywrightError('state.not-found', 'The test has no such key.');
      const made = await kms.generateWrapped(key, encryptionContextOf(name));
      return dataKeys.create({ ...name, ...made, createdAt: clock.now() });
    },

    /** The names of the facts committed so far, in order. */
    facts: () => control.outbox.map(({ detailType }) => detailType),
  };
}
