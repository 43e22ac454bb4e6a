/** Data keys that somebody made under a KMS key of their own, and put where another customer's are kept. */

import { read } from 'keywright-envelope/container';
import { createEnvelope } from 'keywright-envelope/envelope';
import { reencryptionBatchDue } from '../../../../events/reencryption-batch-due';
import { encryptionContextOf } from '../../../../shared/domain/keys/data-key';
import { reencryptBatch } from '../../../../shared/domain/reencryption/reencrypt-data-keys';
import { requestReencryption } from '../../../../shared/domain/reencryption/request-reencryption';
import { aDataKey, aDataStore, aKmsKey, anArn, NOW } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const SHARED = anArn('shared');
const EVIL = anArn('evil');
const PLACE = { customerId: 'acme', dataStoreId: 'documents' };
/** The newest of the place, wherever it came from. */
const NAME = { ...PLACE, dataKeyId: 'zzzz' };

/** Evil has a registered KMS key, writes the table of data keys, and knows the data key in the clear. */
async function planted() {
  const world = rotationWorld();
  const keyOf = (kmsKeyArn: string) => aKmsKey({ kmsKeyArn, keyMaterialId: world.kms.given(kmsKeyArn), revision: 1 });
  const { customerId: _shared, ...shared } = keyOf(SHARED);
  const evil = { ...keyOf(EVIL), customerId: 'evil', option: 'customer-managed' } as const;
  world.control.given('kms-key', { ...shared, option: 'managed' });
  world.control.given('kms-key', evil);
  world.control.given('data-store', aDataStore({ kmsKeyArn: SHARED, revision: 1 }));
  world.control.given('data-store', aDataStore({ customerId: 'evil', kmsKeyArn: EVIL, revision: 1 }));
  const { plaintext: _known, ...made } = await world.kms.generate(evil, encryptionContextOf(NAME));
  world.dataKeys.misplace(aDataKey({ ...NAME, ...made, createdAt: NOW, revision: 1 }), NAME);
  return world;
}

async function worked(world: Awaited<ReturnType<typeof planted>>) {
  for (let next = 0; next < world.control.outbox.length; next += 1) {
    const fact = world.control.outbox[next];
    if (fact?.detailType === reencryptionBatchDue.detailType)
      await reencryptBatch(reencryptionBatchDue.read(fact.detail), world.ports);
  }
  return world.control.all('reencryption-job')[0];
}

/** What data of the place is protected with after that. */
async function dataKeyForNewData(world: Awaited<ReturnType<typeof planted>>) {
  const ports = { ...world.ports, nowMs: () => Date.parse(NOW) };
  return read(await createEnvelope(ports, {}).encrypt(PLACE, Buffer.from('of acme'))).dataKeyId;
}

test('what was made under another customer’s key never moves to a shared one', async () => {
  const world = await planted();
  await requestReencryption({ kmsKeyArn: EVIL, toKmsKeyArn: SHARED }, world.ports);

  const job = await worked(world);

  const row = await world.dataKeys.find(NAME);
  expect(row).toMatchObject({ kmsKeyArn: EVIL, quarantined: { reason: expect.stringMatching(/^state\.forbids/) } });
  expect(job).toMatchObject({ state: 'done', reencrypted: 0, quarantined: 1 });
  expect(await dataKeyForNewData(world)).not.toBe(NAME.dataKeyId);
});

test('a row in a customer’s data store does not make another customer’s key one of theirs', async () => {
  const world = await planted();

  await expect(requestReencryption({ kmsKeyArn: EVIL, ...PLACE }, world.ports)).rejects.toMatchObject({
    code: 'state.not-found',
  });
  await requestReencryption({ customerId: 'acme', toKmsKeyArn: SHARED }, world.ports);
  await worked(world);

  expect(await world.dataKeys.find(NAME)).toMatchObject({ kmsKeyArn: EVIL });
  expect(await dataKeyForNewData(world)).not.toBe(NAME.dataKeyId);
});
